// The person's browser, scripted: cookies, redirects, and the forms that the pages really have.

import assert from 'node:assert/strict';
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { parse } from 'node-html-parser';

const MAX_REDIRECTS = 20;
// No script runs here, so what stands in <noscript> is part of the page.
const PARSING = { blockTextElements: { script: true, style: true } };

// What a browser says when it opens a page.
const NAVIGATION = {
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
};

/** One request; `fetch` would say that it is no navigation. */
async function send(url, { method, headers, body }) {
  const asked = (url.protocol === 'https:' ? overHttps : overHttp)(url, { method, headers });
  if (body) asked.setHeader('content-type', 'application/x-www-form-urlencoded');
  const answered = new Promise((resolve, reject) => { asked.on('response', resolve).on('error', reject); });
  asked.end(body?.toString());
  const answer = await answered;
  const { location, 'set-cookie': cookies = [] } = answer.headers;
  return { location, cookies, body: await text(answer) };
}

export class Browser {
  // One jar without hosts is enough: a browser here only ever talks to one server.
  #cookies = new Map();
  #page = null;
  #typed = new Map();

  constructor(server) {
    this.origin = server.origin;
    this.url = null;
    /**
     * Where a redirect or a form left the server for, and what the form held: nothing needs to
     * listen there.
     */
    this.left = null;
    this.posted = null;
  }

  async open(url) {
    await this.#go(new URL(url, this.origin), { method: 'GET' });
  }

  /** Submits a form that another server's page holds for this one. */
  async post(url, body) {
    await this.#go(new URL(url, this.origin), { method: 'POST', body });
  }

  /** Types into the control that a CSS selector finds. */
  type(selector, value) {
    this.#typed.set(this.#find(selector), value);
  }

  /** Follows the link with this text. */
  async follow(text) {
    const links = this.#page?.querySelectorAll('a') ?? [];
    const link = links.find((one) => one.text.trim() === text);
    assert.ok(link, `no link ${text} at ${this.left ?? this.url}: ${this.text}`);
    await this.open(new URL(link.getAttribute('href'), this.url));
  }

  /** Presses a button: submits its form as the page has it, with what was typed. */
  async click(selector) {
    const button = this.#find(selector);
    const form = button.closest('form');
    assert.ok(form, `${selector} is in no form`);
    const body = this.#fields(form, button);
    const action = new URL(form.getAttribute('action') ?? '', this.url);
    assert.equal(form.getAttribute('method')?.toLowerCase(), 'post');
    if (action.origin !== this.origin) {
      this.#page = null;
      this.left = action;
      this.posted = body;
      return;
    }
    const headers = { origin: this.url.origin };
    await this.#go(action, { method: 'POST', body, headers });
  }

  /** Sends the form that an answer by form_post is, as its script would. */
  async returnsToApplication() {
    this.expect('Going back to the application');
    await this.click('input[type=submit]');
  }

  get heading() {
    return this.#page?.querySelector('h1')?.text.trim() ?? null;
  }

  value(selector) {
    return this.#find(selector).getAttribute('value');
  }

  /** Asserts which page is shown; a page that is not expected is printed. */
  expect(heading) {
    assert.equal(this.heading, heading, `at ${this.left ?? this.url}: ${this.text}`);
    assert.equal(this.#page.querySelector('[role=alert]'), null, this.text);
  }

  get text() {
    return this.#page?.querySelector('main')?.structuredText ?? '(no page)';
  }

  /** What an application answered that shows no page. */
  get json() {
    return JSON.parse(this.#page.text);
  }

  #find(selector) {
    const element = this.#page?.querySelector(selector);
    assert.ok(element, `no ${selector} at ${this.left ?? this.url}: ${this.text}`);
    return element;
  }

  /** The successful controls of a form, as HTML counts them. */
  #fields(form, button) {
    const fields = new URLSearchParams();
    for (const input of form.querySelectorAll('input[name], button[name]')) {
      const type = input.getAttribute('type') ?? 'text';
      const pressed = input === button;
      if (input.hasAttribute('disabled') || (!pressed && (type === 'submit' || input.tagName === 'BUTTON'))) {
        continue;
      }
      fields.append(input.getAttribute('name'), this.#typed.get(input) ?? input.getAttribute('value') ?? '');
    }
    return fields;
  }

  async #go(url, request) {
    this.left = null;
    this.posted = null;
    this.#page = null;
    this.#typed.clear();
    for (let hop = 0; hop < MAX_REDIRECTS; hop += 1) {
      this.url = url;
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { ...NAVIGATION, ...request.headers, ...(cookie && { cookie }) };
      const answer = await send(url, { ...request, headers });
      this.#remember(answer.cookies);
      if (answer.location === undefined) {
        this.#page = parse(answer.body, PARSING);
        return;
      }
      url = new URL(answer.location, url);
      if (url.origin !== this.origin) {
        this.left = url;
        return;
      }
      request = { method: 'GET' };
    }
    assert.fail(`more than ${MAX_REDIRECTS} redirects`);
  }

  #remember(cookies) {
    for (const line of cookies) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (/;\s*max-age=0\b/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }
}
