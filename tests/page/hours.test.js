// The page of a service's card, as citizens and search engines meet it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, fits, launch, picture } from "./browser.js";
import { serve } from "./service.js";

const WORDS = {
  fr: {
    path: "/horaires", title: "Horaires et contacts", open: "Ouvert jusqu’à 12 h 30.", week: /lundi – vendredi\s+9 h – 12 h 30, 14 h – 17 h/i,
    christmas: "vendredi 25 décembre : fermé (jour férié)", callback: "Être rappelé", purpose: "pour toutes vos démarches",
    access: "Accès : entrée de plain-pied, ascenseur.", busy: "Beaucoup d’appels : lundi, 9 h – 11 h.", quiet: "Moins d’attente : mercredi, jeudi, 14 h – 16 h.",
    relay: "service de relais", agent: "Avec un agent : au téléphone ou à l'accueil", other: "English", night: "Fermé, ouvre demain à 9 h.",
  },
  en: {
    path: "/hours", title: "Opening hours and contact", open: "Open until 12:30.", week: /Monday – Friday\s+09:00 – 12:30, 14:00 – 17:00/,
    christmas: "Friday 25 December: closed (public holiday)", callback: "Get a call back", purpose: "for toutes vos démarches",
    access: "Access: entrée de plain-pied, ascenseur.", busy: "Many calls: Monday, 09:00 – 11:00.", quiet: "Shorter waits: Wednesday, Thursday, 14:00 – 16:00.",
    relay: "relay service", agent: "With an agent: au téléphone ou à l'accueil", other: "Français", night: "Closed, opens tomorrow at 09:00.",
  },
};
const WINDOWS = {
  desktop: { viewport: { width: 1280, height: 900 } },
  zoomed: { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 },
  narrow: { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

let browser;
let service;

before(async () => {
  browser = await launch();
  service = await serve(["callbacks: [{ queue: france-services/agents }]"]);
});
after(async () => {
  await browser?.close();
  await service?.stop();
});

/** The text as people read it: spaces that are not broken are spaces. */
const text = async (page) => (await page.locator("main").innerText()).replaceAll("\u00a0", " ");

async function open(options, path, origin = service.origin) {
  const context = await browser.newContext({ locale: "fr-FR", ...options });
  const page = await context.newPage();
  const strange = [];
  page.on("console", (message) => strange.push(message.text()));
  const response = await page.goto(origin + path);
  return { context, page, response, strange };
}

for (const [language, w] of Object.entries(WORDS)) {
  for (const [window_, options] of Object.entries(WINDOWS)) {
    test(`the card is there to be read: ${language}, ${window_}; axe-core finds nothing`, async () => {
      const { context, page, strange } = await open(options, w.path);
      assert.equal(await page.locator("html").getAttribute("lang"), language);
      assert.equal(await page.locator("h1").innerText(), w.title);
      const told = await text(page);
      for (const said of [w.open, w.christmas, w.purpose, w.access, w.busy, w.quiet, w.relay, w.agent]) {
        assert.ok(told.toLowerCase().includes(said.toLowerCase()), `${said} is not in\n${told}`);
      }
      assert.match(told, w.week);
      assert.equal(await page.getByRole("link", { name: "01 43 12 45 67" }).getAttribute("href"), "tel:+33143124567");
      assert.equal(await page.getByRole("link", { name: /^accueil@/ }).getAttribute("href"), "mailto:accueil@fs-montreuil.example");
      assert.equal(await page.getByRole("link", { name: w.callback }).count(), 1);
      if (language === "en") assert.ok(await page.locator("span[lang=fr]").count(), "French words are marked");
      await fits(page, `${language} ${window_}`);
      await picture(page, `hours-${language}-${window_}`);
      await accessible(page, `${language} ${window_}`);
      assert.deepEqual(strange, [], "no policy is broken");
      await page.getByRole("link", { name: w.other }).click();
      assert.equal(await page.locator("h1").innerText(), WORDS[language === "fr" ? "en" : "fr"].title);
      await context.close();
    });
  }
}

test("at night it is closed, and says when it opens", async () => {
  const night = await serve(["per_address: 10"], "2026-11-24T22:00");
  try {
    for (const w of Object.values(WORDS)) {
      const { context, page } = await open(WINDOWS.desktop, w.path, night.origin);
      assert.ok((await text(page)).includes(w.night));
      assert.equal(await page.getByRole("link", { name: w.callback }).count(), 0, "none is offered");
      await context.close();
    }
  } finally {
    await night.stop();
  }
});

test("machines read the same in schema.org's words", async () => {
  const { context, page } = await open(WINDOWS.desktop, "/horaires");
  const data = JSON.parse(await page.locator("script[type='application/ld+json']").textContent());
  assert.equal(data["@type"], "GovernmentOffice");
  assert.equal(data.telephone, "+33143124567");
  const closed = data.openingHoursSpecification.find((s) => s.validFrom === "2026-12-25");
  assert.deepEqual([closed.opens, closed.closes, closed.validThrough], ["00:00", "00:00", "2026-12-25"]);
  await context.close();
});

test("it is kept for a minute, and not sent again where it is known", async () => {
  const first = await fetch(`${service.origin}/horaires`);
  assert.equal(first.headers.get("cache-control"), "public, max-age=60");
  const tag = first.headers.get("etag");
  const again = await fetch(`${service.origin}/horaires`, { headers: { "if-none-match": `"x", W/${tag}` } });
  assert.equal(again.status, 304);
  assert.equal(await again.text(), "");
  const other = await fetch(`${service.origin}/hours`, { headers: { "if-none-match": tag } });
  assert.equal(other.status, 200);
});

test("of several services one is chosen", async () => {
  const both = await serve(["per_address: 10"], "2026-11-24T10:00", ["france-services", "prefecture"]);
  try {
    const { context, page } = await open(WINDOWS.narrow, "/horaires", both.origin);
    await fits(page, "services");
    await picture(page, "hours-services");
    await accessible(page, "services");
    await page.getByRole("link", { name: "Préfecture du Val-de-Loing" }).click();
    assert.ok((await text(page)).includes("3 place de la République"));
    await page.getByRole("link", { name: "English" }).click();
    assert.ok((await text(page)).includes("3 place de la République, in Nemours"), "the other language is of the same service");
    await picture(page, "hours-prefecture");
    await accessible(page, "prefecture");
    const missing = await page.goto(`${both.origin}/hours?service=nowhere`);
    assert.equal(missing.status(), 404);
    assert.equal(await page.getByRole("link", { name: "France services de Montreuil" }).count(), 1);
    await context.close();
  } finally {
    await both.stop();
  }
});
