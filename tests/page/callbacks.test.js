// The pages on which callbacks are asked for, seen and cancelled, as citizens meet them.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { accessible, fits, launch, picture } from "./browser.js";
import { serve } from "./service.js";

const WORDS = {
  fr: {
    ask: "/rappel", follow: "/rappel/suivi", title: "Être rappelé", number: "Votre numéro de téléphone",
    reason: "Motif de l’appel (facultatif)", soon: "Dès que possible", slot: /Demain, entre/, consent: /J’accepte/,
    send: "Demander le rappel", wrong: "Nous n’appelons pas les numéros surtaxés.", noTime: "Choisissez quand nous vous rappelons.",
    noted: "Votre demande est enregistrée", code: "Le code de votre demande", see: "Voir la demande", unknown: "Aucune demande n’a ce code.",
    waits: "Enregistrée : nous vous appelons.", cancel: "Annuler la demande", cancelled: "Votre demande est annulée", over: "Annulée.",
    tooMany: "Trop de demandes", open: "Ouvert jusqu’à 12 h 30.", error: "Erreur : Être rappelé",
  },
  en: {
    ask: "/callback", follow: "/callback/follow", title: "Get a call back", number: "Your phone number",
    reason: "Reason for the call (optional)", soon: "As soon as possible", slot: /Tomorrow, between/, consent: /I agree/,
    send: "Ask for the call", wrong: "We don’t call premium-rate numbers.", noTime: "Choose when we call you back.",
    noted: "Your request is noted", code: "The code of your request", see: "See the request", unknown: "No request has this code.",
    waits: "Noted: we will call you.", cancel: "Cancel the request", cancelled: "Your request is cancelled", over: "Cancelled.",
    tooMany: "Too many requests", open: "Open until 12:30.", error: "Error: Get a call back",
  },
};
const WINDOWS = {
  desktop: { viewport: { width: 1280, height: 900 } },
  // 1280 px at 200 %: half as many, each twice as large.
  zoomed: { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 },
  narrow: { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

let browser;
let service;
let numbers = 10;

before(async () => {
  browser = await launch();
  service = await serve(["callbacks: [{ queue: france-services/agents }]", "per_address: 1000"]);
});
after(async () => {
  await browser?.close();
  await service?.stop();
});

/** A number that nobody has asked for yet. */
const number = () => `06 12 34 56 ${numbers++}`;

/** The text as people read it: spaces that are not broken are spaces. */
const text = async (page) => (await page.locator("main").innerText()).replaceAll("\u00a0", " ");

async function open(options, path, origin = service.origin) {
  const context = await browser.newContext({ locale: "fr-FR", ...options });
  const page = await context.newPage();
  const response = await page.goto(origin + path);
  return { context, page, response };
}

/** Asks, sees and cancels in one language and window; `look` is called at every state. */
async function wholeStory({ page, words: w, look }) {
  assert.equal(await page.locator("h1").innerText(), w.title);
  assert.ok((await text(page)).includes(w.open), "the hours are told");
  await look("form");

  await page.getByLabel(w.number).fill("0892 12 34 56");
  await page.getByLabel(w.reason).fill("une carte d'identité");
  await page.getByRole("button", { name: w.send }).click();
  assert.ok((await page.title()).startsWith(w.error));
  const summary = page.getByRole("alert");
  assert.equal(await summary.getByRole("link").count(), 3);
  const field = page.getByLabel(w.number);
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  const described = await field.getAttribute("aria-describedby");
  assert.ok((await page.locator(`#${described.split(" ")[0]}`).innerText()).startsWith(w.wrong));
  assert.equal(await page.getByLabel(w.reason).inputValue(), "une carte d'identité", "what was typed stays");
  await look("errors");
  await summary.getByRole("link", { name: w.noTime }).click();
  assert.ok(page.url().endsWith("#when-0"), "the summary leads to the field");

  const mine = number();
  await page.getByLabel(w.number).fill(mine);
  await page.getByLabel(w.slot).first().check();
  await page.getByLabel(w.consent).check();
  await page.getByRole("button", { name: w.send }).click();
  assert.equal(await page.locator("h1").innerText(), w.noted);
  assert.ok((await text(page)).includes(mine), "the number is there to be read again");
  const code = await page.locator(".code").innerText();
  assert.match(code, /^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
  assert.ok(!page.url().includes(code), "the code is in no address");
  await look("noted");

  await page.goto(service.origin + w.follow);
  await look("code");
  await page.getByLabel(w.code).fill("0000 0000 0000 0000");
  await page.getByRole("button", { name: w.see }).click();
  assert.ok((await page.locator("#code-fault").innerText()).startsWith(w.unknown));
  await look("unknown");
  await page.getByLabel(w.code).fill(code.toLowerCase().replaceAll("-", " "));
  await page.getByRole("button", { name: w.see }).click();
  assert.ok((await text(page)).includes(w.waits));
  await look("seen");
  await page.getByRole("button", { name: w.cancel }).click();
  assert.equal(await page.locator("h1").innerText(), w.cancelled);
  await look("cancelled");
  await page.goto(service.origin + w.follow);
  await page.getByLabel(w.code).fill(code);
  await page.getByRole("button", { name: w.see }).click();
  assert.ok((await text(page)).includes(w.over));
  await look("over");
}

for (const [language, words] of Object.entries(WORDS)) {
  for (const [window_, options] of Object.entries(WINDOWS)) {
    test(`a call is asked for, seen and cancelled: ${language}, ${window_}; axe-core finds nothing`, async () => {
      const { context, page } = await open(options, words.ask);
      const strange = [];
      page.on("console", (message) => strange.push(message.text()));
      const look = async (state) => {
        const what = `${language} ${window_} ${state}`;
        assert.equal(await page.locator("html").getAttribute("lang"), language);
        await fits(page, what);
        await picture(page, `${language}-${window_}-${state}`);
        await accessible(page, what);
      };
      await wholeStory({ page, words, look });
      // The browser tells of the answers 4xx; of nothing that its policy has stopped.
      assert.deepEqual(strange.filter((line) => /Content Security Policy/i.test(line)), []);
      await context.close();
    });
  }

  test(`all of it works without JavaScript: ${language}`, async () => {
    const { context, page } = await open({ ...WINDOWS.desktop, javaScriptEnabled: false }, words.ask);
    await wholeStory({ page, words, look: async () => {} });
    await context.close();
  });

  test(`all of it is done by keyboard: ${language}`, async () => {
    const { context, page } = await open({ ...WINDOWS.desktop, locale: language }, words.ask);
    const visited = [];
    const tab = async () => {
      await page.keyboard.press("Tab");
      const seen = await page.evaluate(() => {
        const { id, name, type, className, textContent } = document.activeElement;
        const { outlineStyle } = getComputedStyle(document.activeElement);
        return { name: id || name || className || type || textContent, outline: outlineStyle };
      });
      assert.notEqual(seen.outline, "none", `${seen.name} shows that it has the focus`);
      visited.push(seen.name);
    };
    const until = async (name) => {
      for (let n = 0; n < 20 && visited.at(-1) !== name; n++) await tab();
      assert.equal(visited.at(-1), name, visited.join(", "));
    };
    await until("number");
    assert.equal(visited[0], "skip", "the first stop skips to the content");
    await page.keyboard.type(number());
    await until("reason");
    await page.keyboard.type("passeport");
    await until("when-0");
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowDown");
    await until("consent");
    await page.keyboard.press("Space");
    await tab();
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === words.ask);
    await page.locator(".code").waitFor();
    assert.ok(!visited.includes("website"), "the field for robots is not met");
    assert.equal(await page.locator("h1").innerText(), words.noted);
    assert.ok(!(await text(page)).includes(words.soon.toLowerCase()), "the arrow has chosen a slot");
    await context.close();
  });

  test(`the summary of what is wrong has the focus: ${language}`, async () => {
    const { context, page } = await open(WINDOWS.desktop, words.ask);
    await page.getByRole("button", { name: words.send }).click();
    await page.getByRole("alert").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "alert");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "number");
    await context.close();
  });

  test(`the confirmation prints with its code and without buttons: ${language}`, async () => {
    const { context, page } = await open(WINDOWS.desktop, words.ask);
    await page.getByLabel(words.number).fill(number());
    await page.getByLabel(words.soon).check();
    await page.getByLabel(words.consent).check();
    await page.getByRole("button", { name: words.send }).click();
    await page.emulateMedia({ media: "print" });
    assert.ok(await page.locator(".code").isVisible());
    assert.ok(!(await page.getByRole("button").isVisible()));
    await picture(page, `${language}-print`);
    await context.close();
  });
}

test("letters of twice the size cut nothing off", async () => {
  for (const path of ["/rappel", "/callback/follow"]) {
    const { context, page } = await open({ ...WINDOWS.desktop, bypassCSP: true }, path);
    await page.addStyleTag({ content: "html { font-size: 200% }" });
    await fits(page, path);
    await picture(page, `large${path.replaceAll("/", "-")}`);
    await accessible(page, path);
    await context.close();
  }
});

test("colours of the user's own and less motion change nothing of what can be read", async () => {
  const { context, page } = await open({ ...WINDOWS.desktop, forcedColors: "active" }, "/rappel");
  await page.getByRole("button", { name: WORDS.fr.send }).click();
  await picture(page, "forced-colours");
  assert.ok(await page.getByRole("alert").isVisible());
  await context.close();
});

test("the language follows the browser, and the link to the other one holds", async () => {
  const { context, page } = await open({ locale: "en-GB" }, "/rappel");
  assert.equal(new URL(page.url()).pathname, "/callback");
  await page.getByRole("link", { name: "Français" }).click();
  assert.equal(await page.locator("html").getAttribute("lang"), "fr");
  await page.getByRole("link", { name: "English" }).click();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await context.close();
});

test("who asks too often is told so, with another way", async () => {
  const other = await serve(["callbacks: [{ queue: france-services/agents }]", "per_address: 1"]);
  try {
    for (const [language, words] of Object.entries(WORDS)) {
      const { context, page } = await open(WINDOWS.narrow, words.ask, other.origin);
      for (let n = 0; n < 2; n++) {
        await page.goto(other.origin + words.ask);
        await page.getByLabel(words.number).fill(number());
        await page.getByLabel(words.soon).check();
        await page.getByLabel(words.consent).check();
        await page.getByRole("button", { name: words.send }).click();
      }
      assert.ok((await text(page)).includes(words.tooMany));
      assert.equal(await page.getByRole("link", { name: "01 43 12 45 67" }).count(), 1);
      await fits(page, "too many");
      await picture(page, `${language}-too-many`);
      await accessible(page, "too many");
      await context.close();
    }
  } finally {
    await other.stop();
  }
});

test("when it is closed, the page says when it opens, and the services to choose from are links", async () => {
  const queues = "callbacks: [{ queue: france-services/agents }, { queue: france-services/titres, name: Titres de séjour, name_en: Residence permits }]";
  const other = await serve([queues.replace("titres", "agents2")], "2026-12-24T20:00").catch((error) => error);
  assert.match(String(other), /no service has a queue `france-services\/agents2`/, "a queue that is not there is told at the start");
  const closed = await serve(["callbacks: [{ queue: france-services/agents, name: Accueil }]"], "2026-12-24T20:00");
  try {
    const { context, page } = await open(WINDOWS.desktop, "/rappel", closed.origin);
    const said = await text(page);
    assert.ok(said.includes("Fermé, ouvre lundi 28 décembre à 9 h."), said);
    assert.ok(said.includes("Dès la réouverture, à partir de : lundi 28 décembre à 9 h"), said);
    await picture(page, "closed");
    await accessible(page, "closed");
    await context.close();
  } finally {
    await closed.stop();
  }
});

test("a site shows the page in a frame only when the settings allow it", async () => {
  const host = createServer((request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html><html lang="fr"><title>Mairie</title><iframe title="Rappel" width="600" height="900" src="${request.url.slice(2)}"></iframe>`);
  });
  await new Promise((resolve) => host.listen(0, "127.0.0.1", resolve));
  const site = `http://127.0.0.1:${host.address().port}`;
  const allowed = await serve(["callbacks: [{ queue: france-services/agents }]", `embed: ["${site}"]`]);
  try {
    for (const [origin, shown] of [[allowed.origin, 1], [service.origin, 0]]) {
      const { context, page } = await open({ locale: "fr-FR" }, `/?${origin}/rappel`, site);
      const frame = page.frames().find((frame) => frame !== page.mainFrame());
      assert.equal(await frame.getByRole("heading", { level: 1, name: WORDS.fr.title }).count(), shown, origin);
      if (shown) {
        await frame.getByLabel(WORDS.fr.number).fill(number());
        await frame.getByLabel(WORDS.fr.soon).check();
        await frame.getByLabel(WORDS.fr.consent).check();
        await frame.getByRole("button", { name: WORDS.fr.send }).click();
        await frame.getByRole("heading", { name: WORDS.fr.noted }).waitFor();
      }
      await context.close();
    }
  } finally {
    await allowed.stop();
    await new Promise((resolve) => host.close(resolve));
  }
});

test("no number, reason or code is in the log", () => {
  assert.ok(!/6 ?12 ?34 ?56|carte|passeport|[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/.test(service.log()), service.log());
});
