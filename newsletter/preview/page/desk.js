// The page of the desk: shows /state, sends edits, follows /events.
//
// What the server says is data. It becomes text nodes and attribute values here, never markup, and an address
// becomes a link only where it is http or https. The mail itself stands in frames that may not run scripts.
// Everything on screen is drawn from `state`; what the editor looks at (tab, widths, what is open) lives in
// `view` and in the elements, which are kept by key so that focus and scrolling outlive every change.

const EDIT_PAUSE_MS = 900;          // after the last key, before a note is saved
const SAID_MS = 6000;               // how long a line of the status stays
const WIDTHS = [320, 375, 600, 1200];
const MODES = [
  ["light", "Light", "as a client in light mode shows it"],
  ["dark", "Dark", "as a client shows it that honours prefers-color-scheme: dark"],
  ["forced", "Forced", "as a client shows it that inverts colours by itself"],
  ["bare", "No style", "as a client shows it that drops the style block"],
];
const TABS = ["frames", "text", "source", "headers"];
const LEVELS = [["error", "Errors", "Error"], ["warning", "Warnings", "Warning"]];

// ---- Elements ----

const $ = (id) => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const narrow = matchMedia("(max-width: 999.98px)");

/** An element; a key that begins with "on" is a listener, a value of null or false is left out. */
function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === false || value === undefined) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("class", "i");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  drawing.append(use);
  return drawing;
}

/** Makes the children of `parent` those of `items`, in order; an element stays where its key stays. */
function sync(parent, items, keyOf, make, update) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let before = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const child = old.get(key) ?? make(item);
    old.delete(key);
    child.dataset.key = key;
    update(child, item);
    if (child === before) before = before.nextElementSibling;
    else parent.insertBefore(child, before);
  }
  for (const gone of old.values()) gone.remove();
}

/** Draws again, with the focus where it was even if its element had to move. */
function keepingFocus(draw) {
  const focused = document.activeElement;
  draw();
  if (focused && focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
}

const fill = (element, ...children) => element.replaceChildren(
  ...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
const words = (element, text) => { if (element.textContent !== text) element.textContent = text; };
const count = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
const kb = (bytes) => `${(bytes / 1000).toFixed(bytes < 100000 ? 1 : 0)}\u00a0KB`;
const webAddress = (url) => (/^https?:\/\//i.test(url) ? url : "");
const link = (url, ...inside) => el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...inside);
const bdi = (text, attributes = {}) => el("bdi", { dir: "auto", ...attributes }, text);

// ---- What is shown ----

let state = null;
const view = { tab: "frames", current: "", finding: null, shortcuts: true, panes: [{ width: narrow.matches ? 375 : 600, mode: "light" }] };

function remember() {
  const kept = { panes: panes.map(({ width, mode }) => ({ width, mode })), shortcuts: view.shortcuts };
  try { localStorage.setItem("desk", JSON.stringify(kept)); } catch { /* a browser that keeps nothing */ }
}

function recall() {
  try {
    const kept = JSON.parse(localStorage.getItem("desk") ?? "{}");
    const known = (pane) => WIDTHS.includes(pane.width) && MODES.some(([mode]) => mode === pane.mode);
    if (kept.panes?.length && kept.panes.every(known)) view.panes = kept.panes.slice(0, 2);
    view.shortcuts = kept.shortcuts !== false;
  } catch { /* nothing that can be read: the defaults */ }
}

const nearKey = (theme, miss) => `${theme} ${miss.id}`;

/** Every paper of a state with its section: a pick by its id, a near miss by its section too (one may be both). */
function papersOf(of) {
  const found = new Map();
  for (const section of of?.sections ?? []) {
    for (const pick of section.picks) found.set(pick.id, { ...pick, section });
    for (const miss of section.near) found.set(nearKey(section.theme, miss), { ...miss, section, near: true });
  }
  return found;
}

/** The papers that read otherwise than before: new ones, edited ones, and a few that grew or shrank. */
function changedPapers(before, after) {
  if (!before || before.shown.name !== after.shown.name) return [];
  const old = papersOf(before);
  const fresh = [], grown = [];
  for (const [id, paper] of papersOf(after)) {
    if (paper.near) continue;
    const was = old.get(id);
    if (!was || was.edit !== paper.edit || was.section.theme !== paper.section.theme) fresh.push(id);
    else if (was.bytes !== paper.bytes) grown.push(id);
  }
  return grown.length > 3 ? fresh : [...fresh, ...grown];
}

function show(fresh) {
  const before = state;
  const changed = changedPapers(before, fresh);
  state = fresh;
  document.body.dataset.version = String(fresh.version);
  keepingFocus(() => {
    drawTop();
    drawPapers();
    drawNote(before);
    drawInbox();
    drawFindings();
    drawSize();
    drawEdits();
    drawTab();
  });
  for (const pane of panes) pane.load(changed);
  for (const id of changed) flash(rowOf(id));
}

function flash(element) {
  if (!element) return;
  element.classList.remove("flash");
  void element.offsetWidth; // so that the same animation starts anew
  element.classList.add("flash");
  setTimeout(() => element.classList.remove("flash"), 1600);
}

// ---- Talking with the server ----

let loading = null, wanted = 0;

/** The newest state on screen; calls that come meanwhile share the same answer where it is new enough. */
function load(version = 0) {
  wanted = version;
  loading ??= (async () => {
    try {
      for (let tries = 0; tries < 5; tries += 1) {
        const answer = await fetch("/state");
        if (answer.status === 403) return ended();
        if (!answer.ok) throw new Error(String(answer.status));
        const fresh = await answer.json();
        if (fresh.version !== state?.version || fresh.error !== state?.error) show(fresh);
        if (fresh.version >= wanted) return undefined;
      }
    } catch { live("lost"); } finally { loading = null; }
    return undefined;
  })();
  return loading;
}

async function post(path, body) {
  const headers = { "Content-Type": "application/json", "X-Desk": "1" };
  document.body.classList.add("busy");
  try {
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    const reply = await answer.json().catch(() => ({}));
    if (!answer.ok) return { error: reply.error ?? `the desk answered ${answer.status}` };
    await load(reply.version);
    return reply;
  } catch {
    return { error: "the desk does not answer; is its terminal still open?" };
  } finally {
    document.body.classList.remove("busy");
  }
}

let queue = Promise.resolve();

/** One edit after the other: `request` is asked for when its turn comes, so that it sees the state then. */
function edit(request) {
  queue = queue.catch(() => {}).then(async () => {
    const asked = request();
    if (!asked) return undefined;
    const reply = await post(...asked);
    if (reply.error) refuse(reply.error); else say(reply.said);
    return reply;
  });
  return queue;
}

let quiet = 0;
function say(text) {
  fill($("refused"));
  fill($("said"), text ? el("p", {}, text) : null);
  clearTimeout(quiet);
  quiet = setTimeout(() => fill($("said")), SAID_MS);
}

function refuse(text) {
  fill($("said"));
  const close = el("button", { type: "button", class: "icon", onclick: () => fill($("refused")) },
    icon("close"), el("span", { class: "away" }, "Dismiss"));
  fill($("refused"), el("p", {}, icon("error"), text), close);
}

function live(how) {
  const said = { on: "Live", wait: "Connecting…", lost: "Reconnecting…", ended: "Stopped" };
  $("live").dataset.live = how;
  words($("live-words"), said[how]);
}

function ended() {
  live("ended");
  refuse("this desk has ended; open the address that its terminal printed last");
}

function listen() {
  const events = new EventSource("/events");
  events.addEventListener("open", () => { live("on"); load(); });
  events.addEventListener("change", (event) => {
    let version = 0;
    try { ({ version } = JSON.parse(event.data)); } catch { /* then whatever is newest */ }
    if (version !== state?.version) load(version);
  });
  events.addEventListener("error", () => {
    live("lost");
    if (events.readyState !== EventSource.CLOSED) return;
    load().then(() => { if ($("live").dataset.live !== "ended") setTimeout(listen, 2000); });
  });
}

// ---- Top ----

function drawTop() {
  const { shown } = state;
  words($("title"), shown.title);
  document.title = `${state.inbox.subject} · the desk`;
  const status = { page: "Not kept", draft: "Draft" }[shown.status] ?? shown.status.replace(/^./, (c) => c.toUpperCase());
  const from = shown.kind === "page" && shown.source ? ` · from ${shown.source}` : "";
  fill($("status"), el("span", { class: "chip", "data-status": shown.status }, status),
    el("span", { class: "cut", title: `${shown.date}${from}` }, `${shown.name ? `${shown.name} · ` : ""}${shown.date}${from}`));
  options($("list"), state.lists.map((list) => [list.slug, list.title, list.chosen]));
  options($("look"), state.looks.map((look) => [look.name, look.name, look.chosen]));
  const issues = state.issues.map((issue) => [issue.name, `${issue.name}, ${issue.status}`, issue.chosen]);
  options($("issue"), [["", "From the sources", shown.kind === "page"], ...issues]);
  may($("send"), "test");
  may($("undo"), "undo");
  $("again").hidden = shown.kind !== "page";
  may($("keep"), "keep");
  may($("approve"), "approve");
  $("keep").hidden = shown.kind !== "page";
  $("approve").hidden = shown.kind === "page";
  $("mistake").hidden = !state.error;
  words($("mistake-words"), state.error ?? "");
  $("live").title = `Made in ${state.rendered_ms} ms`;
}

/** A button stays in reach when it may not be used: then it says why. */
function may(button, what) {
  const allowed = Boolean(state.can[what]);
  button.setAttribute("aria-disabled", String(!allowed));
  button.title = allowed ? "" : whyNot(what);
}

function whyNot(what) {
  return state.why_not?.[what] ?? { undo: "nothing to undo", edit: "this issue is closed" }[what] ?? "not possible here";
}

function allowed(what) {
  if (state?.can[what]) return true;
  if (state) refuse(whyNot(what));
  return false;
}

function options(select, entries) {
  sync(select, entries, ([value]) => value, ([value]) => el("option", { value }), (option, [, text]) => words(option, text));
  const chosen = entries.find(([, , is]) => is);
  if (chosen && select.value !== chosen[0]) [select.value] = chosen;
}

// ---- Papers ----

function drawPapers() {
  const picks = state.sections.reduce((sum, section) => sum + section.picks.length, 0);
  words($("papers-count"), `${picks} of ${state.shown.read} read`);
  sync($("sections"), state.sections, (section) => section.theme, makeSection, updateSection);
  const all = titles();
  if (!all.some((title) => title.dataset.paper === view.current)) view.current = all[0]?.dataset.paper ?? "";
  markCurrent();
}

function makeSection(section) {
  const folded = el("details", { class: "near" },
    el("summary", {}, chevron(), el("span", { class: "near-words" })), el("ol", { class: "list" }));
  const id = `section-${section.theme}`;
  return el("section", { class: "theme", "aria-labelledby": id },
    el("h3", { id }, bdi("", { class: "name" }), el("span", { class: "soft many" })), el("ol", { class: "list picks" }), folded);
}

function chevron() {
  const drawing = icon("chevron");
  drawing.classList.add("turn");
  return drawing;
}

function updateSection(element, section) {
  words(element.querySelector("h3 .name"), section.title);
  const bytes = section.picks.reduce((sum, pick) => sum + pick.bytes, 0);
  words(element.querySelector("h3 .many"), section.picks.length ? `${count(section.picks.length, "paper")} · ${kb(bytes)}` : "no paper");
  const most = Math.max(1, ...[...section.picks, ...section.near].map((paper) => Math.max(paper.score, (paper.threshold ?? 0) * 1.25)));
  sync(element.querySelector("ol.picks"), section.picks, (pick) => pick.id, () => makePaper(false),
    (row, pick) => updatePaper(row, pick, pick.id, most));
  const near = element.querySelector("details.near");
  near.hidden = !section.near.length;
  words(near.querySelector(".near-words"), count(section.near.length, "near miss", "near misses"));
  sync(near.querySelector("ol"), section.near, (miss) => nearKey(section.theme, miss), () => makePaper(true),
    (row, miss) => updatePaper(row, miss, nearKey(section.theme, miss), most));
}

function makePaper(near) {
  const title = el("button", { type: "button", class: "title", tabindex: "-1", "aria-expanded": "false" });
  const tools = near ? [["pin", "Pin"]] :
    [["pin", "Pin"], ["up", "Move up"], ["down", "Move down"], ["move", "Move to a section"], ["drop", "Drop"]];
  return el("li", { class: near ? "paper near-miss" : "paper" },
    el("span", { class: "place", "aria-hidden": "true" }), el("h4", {}, title), el("div", { class: "meta" }),
    el("div", { class: "tools" }, tools.map(([what, label]) =>
      el("button", { type: "button", class: "icon", "data-do": what, "data-label": label }, icon(what), el("span", { class: "away" })))),
    el("div", { class: "why", hidden: true }));
}

function updatePaper(row, paper, key, most) {
  row.dataset.paper = key;
  const title = row.querySelector(".title");
  title.dataset.paper = key;
  if (title.textContent !== paper.title) fill(title, bdi(paper.title));
  words(row.querySelector(".place"), paper.place ? String(paper.place) : "·");
  for (const button of row.querySelectorAll("[data-do]")) {
    words(button.lastElementChild, `${button.dataset.label}: ${paper.title}`);
    button.title = button.dataset.label;
    button.setAttribute("aria-disabled", String(!state.can.edit));
  }
  fill(row.querySelector(".meta"), scoreBar(paper, most),
    paper.why ? el("span", { class: "soft" }, bdi(paper.why)) : null,
    paper.bytes ? el("span", { class: "soft" }, kb(paper.bytes)) : null,
    paper.brief ? el("span", { class: "mark" }, "brief") : null,
    paper.edit ? el("span", { class: "mark edited", title: paper.edit }, icon("edits"), bdi(paper.edit.replace(/, \d{4}-\d\d-.*$/, ""))) : null);
  if (!row.querySelector(".why").hidden) fill(row.querySelector(".why"), reasons(paper));
}

/** The score as a bar against the threshold, with the numbers in words. */
function scoreBar(paper, most) {
  if (paper.threshold === null || paper.threshold === undefined) return null;
  const bar = el("span", { class: "score-bar", "aria-hidden": "true" }, el("span", { class: "score-fill" }), el("span", { class: "score-least" }));
  bar.firstElementChild.style.width = `${Math.max(0, Math.min(100, (100 * paper.score) / most))}%`;
  bar.lastElementChild.style.left = `${Math.min(100, (100 * paper.threshold) / most)}%`;
  bar.dataset.over = String(paper.score >= paper.threshold);
  const said = `score ${paper.score.toFixed(1)}, threshold ${paper.threshold.toFixed(1)}`;
  return el("span", { class: "score", title: said }, bar,
    el("span", { class: "number", "aria-hidden": "true" }, paper.score.toFixed(1)), el("span", { class: "away" }, said));
}

function reasons(paper) {
  const url = webAddress(paper.url ?? "");
  const rank = paper.rank;
  return [
    paper.reason ? el("p", {}, bdi(paper.reason)) : null,
    paper.evidence?.length ? el("table", {},
      el("caption", { class: "away" }, "What speaks for it"),
      el("thead", {}, el("tr", {}, ["Phrase", "Where", "Weight"].map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, paper.evidence.map((found) => el("tr", {}, el("td", {}, bdi(found.phrase)),
        el("td", { class: "soft" }, `${found.field}${found.count > 1 ? ` ×${found.count}` : ""}`),
        el("td", { class: "amount" }, signed(found.weight)))))) : null,
    rank ? el("p", { class: "soft" }, `Rank ${rank.total.toFixed(2)} = ${sumOf(rank)}`) : null,
    paper.also?.length ? el("p", { class: "soft" }, "Also fits: ", bdi(paper.also.join(", "))) : null,
    el("p", { class: "links" }, url ? link(url, icon("web"), "On the web") : null,
      paper.line ? el("button", { type: "button", class: "linkish", "data-do": "reveal" }, icon("eye"), "Show in the mail") : null),
  ];
}

/** The parts of a rank that count, such as relevance 0.68 + votes 0.27 − nearness 0.10. */
function sumOf(rank) {
  const parts = Object.entries(rank).filter(([part, value]) => part !== "total" && Math.abs(value) >= 0.005);
  const told = parts.map(([part, value]) => `${part === "nearness" || value < 0 ? "−" : "+"} ${part} ${Math.abs(value).toFixed(2)}`);
  return told.join(" ").replace(/^\+ /, "") || "0";
}

const signed = (number) => `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(1)}`;
const rowOf = (id) => [...document.querySelectorAll("#sections .paper")].find((row) => row.dataset.paper === id);
const titles = () => [...document.querySelectorAll("#sections .title")].filter((title) => {
  const folded = title.closest("details");
  return !folded || folded.open;
});

function markCurrent() {
  for (const row of document.querySelectorAll("#sections .paper")) {
    const is = row.dataset.paper === view.current;
    row.classList.toggle("current", is);
    row.querySelector(".title").tabIndex = is ? 0 : -1;
    if (is) row.setAttribute("aria-current", "true"); else row.removeAttribute("aria-current");
  }
}

function toCurrent(id) {
  if (id === undefined || view.current === id) return;
  view.current = id;
  markCurrent();
  for (const pane of panes) pane.follow(id);
}

function focusPaper(id) {
  const title = rowOf(id)?.querySelector(".title");
  if (!title) return;
  title.focus({ preventScroll: true });
  title.closest(".paper").scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = titles();
  if (!all.length) return;
  if (narrow.matches) toView("papers");
  const at = all.findIndex((title) => title.dataset.paper === view.current);
  const inList = document.activeElement?.closest?.("#sections");
  const next = all[inList ? Math.max(0, Math.min(all.length - 1, at + by)) : Math.max(0, at)];
  focusPaper(next.dataset.paper);
}

function unfold(row, open = row.querySelector(".why").hidden) {
  const paper = papersOf(state).get(row.dataset.paper);
  row.querySelector(".why").hidden = !open;
  row.querySelector(".title").setAttribute("aria-expanded", String(open));
  row.classList.toggle("open", open);
  if (open && paper) fill(row.querySelector(".why"), reasons(paper));
}

// ---- Editing ----

const current = () => papersOf(state).get(view.current);
const editOf = (kind, paper, section, place) => ["/edit", { kind, paper, section, place }];

function pin(key = view.current) {
  const paper = papersOf(state).get(key);
  if (!paper || !allowed("edit")) return;
  edit(() => {
    const now = papersOf(state).get(key);
    return now && editOf("pin", now.id, now.section.theme, now.near ? null : now.place);
  }).then((reply) => { if (reply && !reply.error && !rowOf(key)) focusPaper(paper.id); });
}

/** Drops a paper; the focus goes to the one after it, or before it where it was the last. */
function drop(key = view.current) {
  const paper = papersOf(state).get(key);
  if (!paper || paper.near || !allowed("edit")) return;
  const picks = [...document.querySelectorAll("#sections .picks .title")].map((title) => title.dataset.paper);
  const at = picks.indexOf(key);
  const next = picks[at + 1] ?? picks[at - 1];
  edit(() => editOf("drop", paper.id, "", null)).then(() => {
    if (!rowOf(key) && document.activeElement === document.body) focusPaper(next);
  });
}

/** Moves a paper by one place; over the edge of its section it goes into the next one. */
function shift(by, id = view.current) {
  if (!allowed("edit")) return;
  edit(() => {
    const paper = papersOf(state).get(id);
    if (!paper || paper.near) return null;
    const { picks, theme } = paper.section;
    const place = paper.place + by;
    if (place >= 1 && place <= picks.length) return editOf("move", id, theme, place);
    const beside = state.sections[state.sections.findIndex((section) => section.theme === theme) + by];
    return beside ? editOf("move", id, beside.theme, by > 0 ? 1 : beside.picks.length + 1) : null;
  }).then(() => { if (!rowOf(id)?.contains(document.activeElement)) focusPaper(id); });
}

function openMove(id = view.current) {
  const paper = papersOf(state).get(id);
  if (!paper || !allowed("edit")) return;
  words($("move-paper"), paper.title);
  fill($("move-section"), state.sections.map((section) => el("option", { value: section.theme }, section.title)));
  $("move-section").value = paper.section.theme;
  const places = () => {
    const chosen = state.sections.find((section) => section.theme === $("move-section").value);
    const others = chosen.picks.filter((pick) => pick.id !== paper.id).length;
    fill($("move-place"), el("option", { value: "" }, "Where its rank puts it"),
      Array.from({ length: others + 1 }, (_, at) => el("option", { value: at + 1 }, String(at + 1))));
    if (chosen.theme === paper.section.theme && paper.place) $("move-place").value = String(paper.place);
  };
  places();
  $("move-section").onchange = places;
  ask($("dialog-move"), () => {
    const place = $("move-place").value ? Number($("move-place").value) : null;
    return editOf(paper.near ? "pin" : "move", paper.id, $("move-section").value, place);
  }, () => focusPaper(paper.id));
}

const undo = () => { if (allowed("undo")) edit(() => (state.can.undo ? ["/undo", {}] : null)); };

// ---- The editor's note ----

let noteSent = null, notePause = 0;

function drawNote(before) {
  const field = $("note");
  field.readOnly = !state.can.edit;
  const first = state.note.trim().split("\n")[0] ?? "";
  words($("note-start"), first || "none yet");
  const untouched = noteSent === null && field.value.trim() === (before?.note ?? "").trim();
  if (!before || before.shown.name !== state.shown.name || untouched) {
    if (field.value.trim() !== state.note.trim()) field.value = state.note;
  }
}

function noteTyped() {
  clearTimeout(notePause);
  noteSent = "";
  words($("note-state"), "Not saved yet…");
  notePause = setTimeout(saveNote, EDIT_PAUSE_MS);
}

function saveNote() {
  clearTimeout(notePause);
  const text = $("note").value;
  if (state.note === text) { noteSent = null; words($("note-state"), "Saved"); return; }
  words($("note-state"), "Saving…");
  noteSent = text;
  queue = queue.catch(() => {}).then(async () => {
    const reply = await post("/edit", { kind: "note", text });
    if (reply.error) { words($("note-state"), `Not saved: ${reply.error}`); return; }
    if ($("note").value !== text) return;
    noteSent = null;
    words($("note-state"), "Saved");
  });
}

function openNote() {
  if (narrow.matches) toView("papers");
  $("note-box").open = true;
  $("note").focus();
}

// ---- Inbox ----

function drawInbox() {
  const { inbox } = state;
  words($("inbox-face"), [...inbox.from.trim()][0]?.toUpperCase() ?? "@");
  words($("inbox-from"), inbox.from);
  $("inbox-from").title = inbox.address;
  words($("inbox-subject"), inbox.subject);
  words($("inbox-preheader"), inbox.preheader);
  words($("inbox-start"), inbox.subject);
  drawCuts();
}

/** How many characters of a line a phone of 375 px shows, measured with its own letters. */
function shownOf(text, element, room) {
  const pen = shownOf.pen ??= document.createElement("canvas").getContext("2d");
  pen.font = getComputedStyle(element).font;
  const letters = [...text];
  if (pen.measureText(text).width <= room) return letters.length;
  const dots = pen.measureText("…").width;
  let low = 0, high = letters.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pen.measureText(letters.slice(0, middle).join("")).width + dots <= room) low = middle; else high = middle - 1;
  }
  return low;
}

const INBOX_ROOM = 279; // of 375 px, what is left beside the sender's picture

function drawCuts() {
  for (const part of ["subject", "preheader"]) {
    const text = state.inbox[part];
    const letters = [...text];
    const seen = shownOf(text, $(`inbox-${part}`), INBOX_ROOM);
    const rest = letters.slice(seen).join("");
    words($(`${part}-count`), `${letters.length} characters, ${rest ? `a phone shows ${seen}` : "all of it shown"}`);
    const bad = state.findings.some((finding) => finding.part === part);
    fill($(`${part}-words`), bad ? el("span", { class: "flag" }, icon("warning"), el("span", { class: "away" }, "has a finding")) : null,
      bdi(letters.slice(0, seen).join("")), rest ? el("span", { class: "cutmark", "aria-hidden": "true" }) : null,
      rest ? bdi(rest, { class: "beyond" }) : null);
  }
}

// ---- The mail in frames ----

const panes = [];

/** One view of the mail: its width, its mode, and a frame that is replaced only when the new one is ready. */
class Pane {
  constructor({ width, mode }) {
    Object.assign(this, { width, mode, frame: null, coming: null, of: null, marked: null, loaded: "", changed: new Set(), led: 0, wish: "" });
    const name = `pane-${Pane.made = (Pane.made ?? 0) + 1}`;
    this.label = el("span", { class: "soft scale" });
    this.area = el("div", { class: "area" }, el("div", { class: "sheet" }));
    this.element = el("section", { class: "pane", "aria-label": "View of the mail" },
      el("div", { class: "controls" }, this.choices(name, "width", WIDTHS.map((w) => [w, String(w), `${w} pixels wide`])),
        this.choices(name, "mode", MODES), this.label), this.area);
    new ResizeObserver(() => this.fit()).observe(this.area);
  }

  choices(name, what, entries) {
    const legend = what === "width" ? "Width in pixels" : "Mode";
    return el("fieldset", { class: "segments" }, el("legend", { class: "away" }, legend), entries.map(([value, text, said]) =>
      el("label", { title: said }, el("input", { type: "radio", name: `${name}-${what}`, value, checked: this[what] === value,
        onchange: () => this.choose(what, value) }), el("span", {}, text))));
  }

  choose(what, value) {
    this[what] = value;
    const radio = [...this.element.querySelectorAll("input")].find((input) => input.value === String(value));
    if (radio && !radio.checked) radio.checked = true;
    remember();
    Pane.active = this;
    if (what === "mode" && state) this.load([]);
    this.fit();
  }

  get document() { return this.frame?.contentDocument ?? null; }

  /** The sheet as wide as it should be, scaled down where the window is not. */
  fit() {
    const { clientWidth: wide, clientHeight: high } = this.area;
    if (!wide || !high) return;
    const scale = Math.min(1, wide / this.width);
    const sheet = this.area.firstElementChild;
    sheet.style.width = `${this.width * scale}px`;
    for (const frame of sheet.children) {
      frame.style.width = `${this.width}px`;
      frame.style.height = `${high / scale}px`;
      frame.style.transform = scale < 1 ? `scale(${scale})` : "";
    }
    words(this.label, scale < 0.995 ? `${Math.round(scale * 100)} %` : "");
  }

  /** Loads what `state` shows, unseen; once it stands where the old one stood, it takes its place. */
  load(changed) {
    const of = state;
    const address = `/mail?as=${this.mode}&v=${of.version}`;
    for (const id of changed) this.changed.add(id);
    if (address === this.loaded) return;
    this.loaded = address;
    this.coming?.remove();
    const said = MODES.find(([mode]) => mode === this.mode)[1];
    const frame = el("iframe", { title: `The mail, ${said}, view ${panes.indexOf(this) + 1}`, class: "coming",
      tabindex: "-1", "aria-hidden": "true" });
    this.coming = frame;
    frame.addEventListener("load", () => { if (this.coming === frame) this.swap(frame, of); }, { once: true });
    frame.src = address;
    this.area.firstElementChild.append(frame);
    this.fit();
  }

  swap(frame, of) {
    const old = this.frame, fresh = frame.contentDocument;
    this.coming = null;
    if (!fresh?.querySelector("[data-at]")) { frame.remove(); this.loaded = ""; return; }
    const held = document.activeElement === old && old;
    if (old?.contentDocument) {
      const { scrollX, scrollY } = old.contentWindow;
      const top = scrollY + drift(old.contentDocument, this.of, fresh, of);
      frame.contentWindow.scrollTo({ left: scrollX, top, behavior: "instant" });
    }
    frame.classList.remove("coming");
    frame.removeAttribute("aria-hidden");
    frame.removeAttribute("tabindex");
    Object.assign(this, { frame, of });
    old?.remove();
    if (held) frame.focus({ preventScroll: true });
    prepare(fresh);
    fresh.addEventListener("scroll", () => this.lead());
    const papers = papersOf(of);
    for (const id of this.changed) flashIn(fresh, headingOf(fresh, papers.get(id)));
    this.changed.clear();
    if (this.marked) this.mark(of.findings.find((finding) => same(finding, this.marked)));
    if (this.wish) this.follow(this.wish);
    if (!old) panes.find((pane) => pane !== this && pane.frame)?.lead();
    Object.assign(this.element.dataset, { version: String(of.version), mode: this.mode });
  }

  /** Brings the other pane to the same paper, unless this one is only following it. */
  lead() {
    if (panes.length < 2 || performance.now() < this.led) return;
    const other = panes.find((pane) => pane !== this);
    if (!other?.frame || !this.frame) return;
    other.led = performance.now() + 200;
    const marks = landmarks(this.document, this.of), theirs = new Map(landmarks(other.document, other.of));
    const { scrollY } = this.frame.contentWindow;
    const shared = marks.filter(([key]) => theirs.has(key));
    const next = Math.max(1, shared.findIndex(([, top], i) => i && top > scrollY));
    const [[from, start], [to, end]] = [shared[next - 1], shared[next] ?? shared.at(-1)];
    const part = end > start ? (scrollY - start) / (end - start) : 0;
    const top = theirs.get(from) + part * (theirs.get(to) - theirs.get(from));
    other.frame.contentWindow.scrollTo({ top, behavior: "instant" });
  }

  /** Has a paper in sight: now, or once the frame shows the state that speaks of it. */
  follow(id) {
    if (this.coming) { this.wish = id; return; }
    this.wish = "";
    const heading = this.document && headingOf(this.document, papersOf(this.of).get(id));
    if (!heading) return;
    const { top } = heading.getBoundingClientRect();
    const paper = papersOf(this.of).get(id);
    if (top < 0 || top > this.document.defaultView.innerHeight * 0.7) this.reveal(paper.line, paper.column, "paper");
  }

  /** Scrolls to the element that begins at that place of the source, and marks it. */
  reveal(line, column, why) {
    const found = this.document && at(this.document, line, column);
    if (!found || !found.getClientRects().length) return false;
    const top = this.frame.contentWindow.scrollY + found.getBoundingClientRect().top;
    const room = this.frame.clientHeight;
    this.frame.contentWindow.scrollTo({ top: Math.max(0, top - (why === "paper" ? room / 8 : room / 3)), behavior: calm.matches ? "instant" : "smooth" });
    this.unmark();
    return true;
  }

  mark(finding) {
    this.unmark();
    const found = finding && this.document && at(this.document, finding.line, finding.column);
    if (!found) return;
    found.setAttribute("data-desk", "finding");
    this.marked = finding;
  }

  unmark() {
    this.document?.querySelector("[data-desk]")?.removeAttribute("data-desk");
    this.marked = null;
  }
}

/** The element whose start tag stands at that place, else the last one of the line before it. */
function at(page, line, column) {
  if (!line) return null;
  const exact = column && page.querySelector(`[data-at="${Number(line)}:${Number(column)}"]`);
  if (exact) return exact;
  let best = null;
  for (const element of page.querySelectorAll(`[data-at^="${Number(line)}:"]`)) {
    if (best && column && Number(element.dataset.at.split(":")[1]) > column) break;
    if (!best || column) best = element;
  }
  return best;
}

const headingOf = (page, paper) => (paper && !paper.near ? at(page, paper.line, paper.column) : null);

/** How far the paper at the top of the old page stands from the same paper in the new one. */
function drift(oldPage, before, freshPage, after) {
  const scrolled = oldPage.defaultView.scrollY;
  if (scrolled < 8) return 0;
  const there = new Map(landmarks(freshPage, after));
  const near = landmarks(oldPage, before).filter(([key]) => key && key !== END && there.has(key));
  const anchor = near.findLast(([, top]) => top < scrolled + 120) ?? near[0];
  return anchor ? there.get(anchor[0]) - anchor[1] : 0;
}

const END = "\u0000end";

/** Where the top of the page, each paper and the last screen of the page stand, from the top to the end. */
function landmarks(page, of) {
  const { scrollY, innerHeight } = page.defaultView;
  const found = [["", 0]];
  for (const paper of papersOf(of).values()) {
    const heading = headingOf(page, paper);
    if (heading) found.push([paper.id, heading.getBoundingClientRect().top + scrollY]);
  }
  const end = Math.max(0, page.documentElement.scrollHeight - innerHeight);
  return [...found.filter(([, top]) => top < end), [END, end]];
}

/** Links open beside the desk or not at all; keys that are pressed in the mail are the desk's. */
function prepare(page) {
  const style = page.createElement("style");
  style.textContent = `[data-desk]{outline:3px solid #c2410c!important;outline-offset:3px!important}
    @keyframes desk{from{outline-color:#5b86e0}to{outline-color:#5b86e000}}
    .desk-flash{outline:3px solid #5b86e000;outline-offset:4px;animation:desk 1.5s ease-out}
    @media (prefers-reduced-motion:reduce){.desk-flash{animation:none}}`;
  page.head?.append(style);
  // For a browser that tells nobody of a click in a frame without scripts: there a link opens nothing.
  for (const anchor of page.links) if (!anchor.getAttribute("href").startsWith("#")) anchor.target = "_blank";
  page.addEventListener("click", (event) => {
    const anchor = event.target.closest?.("a[href]");
    if (!anchor || anchor.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    if (webAddress(anchor.href)) window.open(anchor.href, "_blank", "noopener,noreferrer");
  });
  page.addEventListener("keydown", onKey);
  page.addEventListener("focusin", () => { Pane.active = panes.find((pane) => pane.document === page); });
}

function flashIn(page, element) {
  if (!element) return;
  element.classList.add("desk-flash");
  setTimeout(() => element.classList.remove("desk-flash"), 1600);
}

function addPane(settings) {
  const pane = new Pane(settings);
  panes.push(pane);
  pane.element.addEventListener("focusin", () => { Pane.active = pane; });
  $("panel-frames").append(pane.element);
  placeBeside();
  if (state) pane.load([]);
}

/** One pane more or less; the button for it stands in the controls of the first. */
function beside() {
  if (panes.length > 1) panes.pop().element.remove();
  else addPane(panes[0].mode === "light" ? { width: panes[0].width, mode: "dark" } : { width: panes[0].width, mode: "light" });
  [Pane.active] = panes;
  placeBeside();
  remember();
}

function placeBeside() {
  const button = placeBeside.button ??= el("button", { type: "button", class: "icon beside", onclick: beside }, icon("beside"),
    el("span", { class: "away" }, "Two views side by side"));
  button.title = "Two views side by side";
  button.setAttribute("aria-pressed", String(panes.length > 1));
  $("panel-frames").classList.toggle("two", panes.length > 1);
  if (button.parentElement !== panes[0].element.firstElementChild) panes[0].element.firstElementChild.append(button);
  for (const [i, pane] of panes.entries()) pane.element.setAttribute("aria-label", `View ${i + 1} of the mail`);
}

// ---- Text, source, headers ----

function toTab(tab) {
  view.tab = tab;
  for (const name of TABS) {
    const button = $(`tab-${name}`);
    button.setAttribute("aria-selected", String(name === tab));
    button.tabIndex = name === tab ? 0 : -1;
    // The frames stay laid out, only unseen: without a box they would forget how far they were scrolled.
    if (name === "frames") $("panel-frames").inert = name !== tab;
    else $(`panel-${name}`).hidden = name !== tab;
  }
  if (state) drawTab();
}

const drawn = {};

function drawTab() {
  if (view.tab === "frames") { for (const pane of panes) pane.fit(); return; }
  if (view.tab === "headers") { drawHeaders(); return; }
  const { tab } = view;
  const found = state.findings.filter((finding) => finding.part === (tab === "source" ? "html" : "text") && finding.line);
  const key = JSON.stringify([state[tab], found]);
  if (drawn[tab] === key) return;
  drawn[tab] = key;
  const panel = $(`panel-${tab}`);
  const { scrollTop } = panel;
  fill(panel, state[tab].split("\n").flatMap((line, i) => codeLines(line, i + 1, found.filter((finding) => finding.line === i + 1))));
  panel.scrollTop = scrollTop;
}

/** One line of source as rows: a long one, as MJML writes, is broken before tags and rules. */
function codeLines(text, number, found) {
  const rows = [];
  for (const piece of text.length > 160 ? text.split(/(?=<(?!\/)[a-z!])|(?<=\})/i) : [text]) {
    if (rows.length && rows.at(-1).text.length < 90) rows.at(-1).text += piece;
    else rows.push({ text: piece, from: rows.length ? rows.at(-1).from + rows.at(-1).text.length : 0 });
  }
  return rows.map(({ text: part, from }, i) => {
    const mine = found.filter(({ column }) => (column ? column - 1 >= from && (column - 1 < from + part.length || i === rows.length - 1) : i === 0));
    return codeLine(part, number, from, mine);
  });
}

function codeLine(text, number, offset, found) {
  const pieces = [];
  let done = 0;
  for (const finding of [...found].sort((a, b) => a.column - b.column)) {
    const from = finding.column - 1 - offset;
    if (from < done || from >= text.length) continue;
    const to = from + (/^<[\w!-]{1,20}|^\S{1,60}/.exec(text.slice(from))?.[0].length ?? 1);
    pieces.push(text.slice(done, from), el("mark", { class: finding.level }, text.slice(from, to)));
    done = to;
  }
  pieces.push(text.slice(done));
  return el("div", { class: found.length ? "line found" : "line", "data-line": number, "data-from": offset + 1 },
    el("span", { class: "n", "aria-hidden": "true" }, offset ? `:${offset + 1}` : String(number)),
    el("code", { dir: "ltr" }, pieces), found.map(toldOf));
}

const toldOf = (finding) => el("p", { class: `told ${finding.level}` }, icon(finding.level),
  el("span", {}, el("b", {}, levelOf(finding)), ` ${finding.rule}: `, bdi(finding.message)));

function drawHeaders() {
  const found = state.findings.filter((finding) => finding.part === "headers");
  fill($("panel-headers"), el("table", {}, el("caption", { class: "away" }, "Headers of the mail"), el("tbody", {}, state.headers.map(([name, value], i) =>
    el("tr", { "data-line": i + 1 }, el("th", { scope: "row" }, name), el("td", {}, bdi(value)))))),
    found.map(toldOf));
}

function toLine(tab, line, column = 0) {
  toTab(tab);
  const rows = [...$(`panel-${tab}`).querySelectorAll(`[data-line="${Number(line) || 1}"]`)];
  const found = rows.findLast((one) => !column || Number(one.dataset.from) <= column) ?? rows[0];
  found?.scrollIntoView({ block: "center" });
  // Rows out of sight have only a guessed height: now that they are in sight, once more.
  requestAnimationFrame(() => found?.scrollIntoView({ block: "center" }));
  flash(found);
  $(`panel-${tab}`).focus({ preventScroll: true });
}

// ---- Findings ----

const levelOf = (finding) => LEVELS.find(([level]) => level === finding.level)?.[2] ?? finding.level;
/** Whether two findings are about the same, though what stands before it may have moved it. */
const same = (one, other) => Boolean(one && other) && ["rule", "level", "part", "message"].every((name) => one[name] === other[name]);
const findingKey = (finding) => [finding.level, finding.rule, finding.part, finding.line, finding.column, finding.message].join("|");

function drawFindings() {
  const errors = state.findings.filter((finding) => finding.level === "error").length;
  const warnings = state.findings.length - errors;
  const told = [errors && count(errors, "error"), warnings && count(warnings, "warning")].filter(Boolean).join(", ");
  words($("findings-count"), told || "none");
  $("views-count").hidden = !state.findings.length;
  fill($("views-count"), String(state.findings.length), el("span", { class: "away" }, " findings"));
  const groups = LEVELS.map(([level, title]) => ({ level, title, found: ordered().filter((finding) => finding.level === level) }))
    .filter((group) => group.found.length);
  if (!groups.length) {
    fill($("findings"), el("p", { class: "good" }, icon("good"), "No finding: nothing in this mail is known to go wrong."));
    return;
  }
  $("findings").querySelector(".good")?.remove();
  sync($("findings"), groups, (group) => group.level,
    (group) => el("div", { class: `group ${group.level}` }, el("h3", {}, icon(group.level), el("span")), el("ul", { class: "found-list" })),
    (element, group) => {
      words(element.querySelector("h3 span"), `${group.title} (${group.found.length})`);
      sync(element.querySelector("ul"), group.found, findingKey, makeFinding,
        (item, finding) => item.classList.toggle("here", same(finding, view.finding)));
    });
}

/** The findings in the order of the list: errors first. */
const ordered = () => LEVELS.flatMap(([level]) => state.findings.filter((finding) => finding.level === level));

function makeFinding(finding) {
  const place = finding.line ? `${finding.part} ${finding.line}:${finding.column}` : finding.part;
  const key = findingKey(finding);
  const now = () => state.findings.find((one) => findingKey(one) === key) ?? finding;
  return el("li", { class: "finding" },
    el("button", { type: "button", class: "go", onclick: () => goTo(now()) },
      el("span", { class: "away" }, `${levelOf(finding)}: `), el("span", { class: "message" }, bdi(finding.message)),
      finding.help ? el("span", { class: "help" }, finding.help) : null,
      el("span", { class: "soft where" }, `${finding.rule} · ${place}`)),
    finding.part === "html" && finding.line ? el("button", { type: "button", class: "icon", title: "In the source",
      onclick: () => inView("mail", () => toLine("source", now().line, now().column)) },
    icon("code"), el("span", { class: "away" }, `${finding.rule} in the source, line ${finding.line}`)) : null);
}

function goTo(finding) {
  view.finding = finding;
  for (const item of document.querySelectorAll(".finding")) item.classList.toggle("here", item.dataset.key === findingKey(finding));
  inView("mail", () => {
    if (finding.part === "subject" || finding.part === "preheader") {
      $("inbox").open = true;
      drawCuts();
      $(`at-${finding.part}`).focus();
      flash($(`at-${finding.part}`));
    } else if (finding.part === "text") toLine("text", finding.line, finding.column);
    else if (finding.part === "headers") toLine("headers", finding.line);
    else if (finding.line) goToElement(finding);
    else { toTab("frames"); say("This is about the whole mail."); }
  });
}

/** The element in the mail; where it has no box, as in the head, its line in the source. */
function goToElement(finding) {
  toTab("frames");
  const shown = panes.filter((pane) => pane.reveal(finding.line, finding.column, "finding"));
  for (const pane of shown) pane.mark(finding);
  if (!shown.length) toLine("source", finding.line, finding.column);
}

function nextFinding(by) {
  const all = ordered();
  if (!all.length) { say("No findings."); return; }
  const here = all.findIndex((finding) => same(finding, view.finding));
  const next = all[(here < 0 && by < 0 ? all.length - 1 : here + by + all.length) % all.length];
  goTo(next);
  const item = [...document.querySelectorAll(".finding")].find((one) => one.dataset.key === findingKey(next));
  if (next.part === "html" && view.tab === "frames" && !narrow.matches) item?.querySelector(".go").focus();
  say(`${levelOf(next)}: ${next.message}`);
}

// ---- Size ----

function drawSize() {
  const { size } = state;
  const scale = Math.max(size.clip * 1.08, size.html * 1.02);
  const level = size.html >= size.fail ? "error" : size.html >= size.warn ? "warning" : "good";
  words($("size-words"), `${kb(size.html)} of ${kb(size.clip).replace(".0", "")}`);
  const bar = el("div", { class: "size-bar", "data-level": level, "aria-hidden": "true" },
    size.parts.map((part, i) => { const piece = el("span", { class: `piece shade-${i % 6}`, title: `${part.title}: ${kb(part.bytes)}` });
      piece.style.width = `${(100 * part.bytes) / scale}%`; return piece; }),
    [["warn", size.warn], ["fail", size.fail], ["clip", size.clip]].map(([name, bytes]) => {
      const tick = el("span", { class: `tick ${name}` }, el("span", {}, name === "clip" ? `${Math.round(bytes / 1000)}` : String(Math.round(bytes / 1000))));
      tick.style.left = `${(100 * bytes) / scale}%`; return tick; }));
  const told = { good: "Gmail shows all of it.", warning: `Nearly too large: Gmail cuts a mail off after ${Math.round(size.clip / 1000)} KB.`,
    error: size.html >= size.clip ? `Too large: Gmail cuts this mail off after ${Math.round(size.clip / 1000)} KB.` : `About to be cut off: Gmail shows ${Math.round(size.clip / 1000)} KB.` }[level];
  const more = size.room > 0 ? ` ${count(size.room, "more paper fits", "more papers fit")} below ${Math.round(size.warn / 1000)} KB.` : ` No more papers fit below ${Math.round(size.warn / 1000)} KB.`;
  fill($("size-body"), bar, el("p", { class: `verdict ${level}` }, icon(level), el("span", {}, told, more)),
    size.cuts.length ? el("p", { class: "cuts" }, el("b", {}, "Left out to fit: "), bdi(size.cuts.join("; "))) : null,
    el("table", { class: "parts" }, el("caption", { class: "away" }, "Size of each part"),
      el("thead", { class: "away" }, el("tr", {}, ["Part", "Size", "Share"].map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, size.parts.map((part, i) => el("tr", {},
        el("th", { scope: "row" }, el("span", { class: `swatch shade-${i % 6}`, "aria-hidden": "true" }), bdi(part.title)),
        el("td", { class: "amount" }, kb(part.bytes)), el("td", { class: "amount soft" }, `${Math.round((100 * part.bytes) / Math.max(1, size.html))} %`)))),
      el("tfoot", {}, el("tr", {}, el("th", { scope: "row" }, "The whole mail, with text"), el("td", { class: "amount" }, kb(size.mail)), el("td", {})))));
}

// ---- Edits ----

function drawEdits() {
  const newest = [...state.edits].reverse();
  if (!newest.length) {
    fill($("edits"), el("li", { class: "soft none", "data-key": "" }, "None yet: this is what the themes chose."));
    return;
  }
  sync($("edits"), newest.map((made, i) => ({ ...made, key: String(newest.length - i) })), (made) => made.key, () => el("li"), (item, made) => {
    item.className = made.undone ? "undone" : "";
    const when = made.at ? new Date(made.at) : null;
    fill(item, el(made.undone ? "s" : "span", {}, bdi(made.what)), el("span", { class: "soft by" }, [made.who && `by ${made.who}`,
      when && when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }), made.undone && "undone"].filter(Boolean).join(" · ")));
  });
}

// ---- Dialogs ----

/** Asks in a dialog and sends what `request` makes of it; a refusal stays in the dialog. */
function ask(dialog, request, done = () => {}) {
  const wrong = dialog.querySelector(".wrong");
  words(wrong, "");
  dialog.querySelector("form").onsubmit = async (event) => {
    event.preventDefault();
    const asked = request();
    if (typeof asked === "string") { words(wrong, asked); return; }
    const button = dialog.querySelector("[type=submit]");
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    const reply = await post(...asked);
    button.removeAttribute("aria-busy");
    if (reply.error) { words(wrong, reply.error); return; }
    dialog.close();
    say(reply.said);
    done();
  };
  dialog.showModal();
}

function openSend() {
  if (!allowed("test")) return;
  try { $("send-to").value ||= localStorage.getItem("desk-to") ?? ""; } catch { /* nothing kept */ }
  ask($("dialog-send"), () => {
    const to = $("send-to").value.trim();
    if (!/^\S+@\S+$/.test(to)) return "Write an address such as me@example.org.";
    try { localStorage.setItem("desk-to", to); } catch { /* nothing kept */ }
    return ["/test", { to }];
  });
}

function goOn() {
  if (state?.shown.kind === "page") openKeep(); else openApprove();
}

function openKeep() {
  if (!allowed("keep")) return;
  confirmBy("Keep as draft", "Keep", [
    "The papers go into the store, and the issue becomes the open draft of its list, with your edits.",
    "A draft takes in what comes later. Nothing is used up or sent."], () => ["/keep", {}]);
}

function openApprove() {
  if (!allowed("approve")) return;
  const { version } = state;
  const errors = state.findings.filter((finding) => finding.level === "error").length;
  const picks = state.sections.reduce((sum, section) => sum + section.picks.length, 0);
  confirmBy(`Approve ${state.shown.name}`, "Approve", [
    `“${state.inbox.subject}”, ${count(picks, "paper")}, ${kb(state.size.html)}.`,
    "Its content is frozen as you see it, and no later issue carries its papers again. Approving sends nothing.",
    errors ? `${count(errors, "error")} in the findings ${errors === 1 ? "is" : "are"} still open.` : ""], () => ["/approve", { version }]);
}

function confirmBy(title, yes, told, request) {
  words($("approve-title"), title);
  words($("approve-yes"), yes);
  fill($("approve-words"), told.filter(Boolean).map((text, i) => el("p", { class: i === 2 ? "warn" : null }, i === 2 ? icon("warning") : null, bdi(text))));
  ask($("dialog-approve"), request);
}

// ---- Views of a narrow window ----

function toView(name) {
  document.body.dataset.view = name;
  for (const button of $("views").children) {
    if (button.dataset.view === name) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
  }
  if (state) drawTab();
}

/** Does something in a view, after it is laid out where it was hidden. */
function inView(name, then) {
  if (narrow.matches) toView(name);
  then();
}

function toggleTools(open) {
  $("top").classList.toggle("open", open);
  $("menu").setAttribute("aria-expanded", String(open));
}

// ---- Keys ----

const active = () => (panes.includes(Pane.active) ? Pane.active : panes[0]);
const nextMode = () => {
  const modes = MODES.map(([mode]) => mode);
  active().choose("mode", modes[(modes.indexOf(active().mode) + 1) % modes.length]);
};
const row = () => rowOf(view.current);
const inList = (event) => event.target === document.body || Boolean(event.target.closest?.("#sections"));

// Each: the keys as they are told, what they do, and in which event they do it.
const KEYS = [
  ["Papers", [
    ["j", "↓", "Next paper", () => step(1)], ["k", "↑", "Paper before", () => step(-1)],
    ["o", "Enter", "Why it is here, in place", () => row() && unfold(row())],
    ["v", "", "Its page on the web", () => { const url = webAddress(current()?.url ?? ""); if (url) window.open(url, "_blank", "noopener,noreferrer"); }],
    ["p", "", "Pin", () => pin()], ["d", "", "Drop", () => drop()],
    ["Shift+↑", "Shift+↓", "Move up or down", null], ["m", "", "Move to a section", () => openMove()],
    ["n", "", "Editor’s note", openNote], ["u", "", "Undo", undo],
  ]],
  ["Mail", [
    ["1", "2 3 4", "320, 375, 600, 1200 pixels", () => active().choose("width", WIDTHS[0])],
    ["l", "", "Light, dark, forced, no style", nextMode],
    ["b", "", "Two views side by side", beside],
    ["t", "", "Mail, text, source, headers", () => toTab(TABS[(TABS.indexOf(view.tab) + 1) % TABS.length])],
    ["f", "F", "Next finding, finding before", () => nextFinding(1)],
  ]],
  ["Issue", [
    ["s", "", "Send a test", openSend], ["g", "", "Keep as draft, or approve", goOn],
    ["Escape", "", "Close; out of the note", null], ["?", "", "This list", () => $("dialog-keys").showModal()],
  ]],
];
const DOES = new Map(KEYS.flatMap(([, keys]) => keys.filter(([, , , act]) => act).map(([key, , , act]) => [key, act])));
for (const [i, width] of WIDTHS.entries()) DOES.set(String(i + 1), () => active().choose("width", width));
DOES.set("F", () => nextFinding(-1));

function drawKeys() {
  fill($("keys-table"), KEYS.map(([title, keys]) => el("section", {}, el("h3", {}, title), el("dl", {}, keys.map(([key, other, what]) =>
    el("div", {}, el("dt", {}, [key, ...other.split(" ").filter(Boolean)].flatMap((one, i) => [i ? " " : "", el("kbd", {}, one)])), el("dd", {}, what)))))));
}

function typing(target) {
  return target.matches?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]") ?? false;
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (typing(event.target) || document.querySelector("dialog[open]") || !view.shortcuts || !state) return;
  const arrows = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in arrows) {
    if (!inList(event)) return;
    event.preventDefault();
    if (event.shiftKey) shift(arrows[event.key]); else step(arrows[event.key]);
    return;
  }
  const act = DOES.get(event.key) ?? (event.shiftKey ? undefined : DOES.get(event.key.toLowerCase()));
  if (!act) return;
  event.preventDefault();
  act();
}

// ---- Listening to the page ----

function onPaperClick(event) {
  const holder = event.target.closest(".paper");
  if (!holder) return;
  const button = event.target.closest("button");
  if (button?.classList.contains("title")) { unfold(holder); return; }
  if (!button && event.target.closest(".meta")) { unfold(holder); return; }
  const id = holder.dataset.paper;
  const does = { pin: () => pin(id), drop: () => drop(id), up: () => shift(-1, id), down: () => shift(1, id), move: () => openMove(id),
    reveal: () => inView("mail", () => { toTab("frames"); for (const pane of panes) pane.reveal(papersOf(state).get(id)?.line, papersOf(state).get(id)?.column, "paper"); }) };
  if (button?.dataset.do) does[button.dataset.do]?.();
}

function onTabKey(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const next = TABS[(TABS.indexOf(view.tab) + by + TABS.length) % TABS.length];
  toTab(next);
  $(`tab-${next}`).focus();
}

function chooseBy(what) {
  $(what).addEventListener("change", async () => {
    const reply = await post("/choose", { [what]: $(what).value });
    if (reply.error) refuse(reply.error); else say(reply.said);
    if (reply.error && state) drawTop();
  });
}

function attach() {
  $("sections").addEventListener("click", onPaperClick);
  $("sections").addEventListener("focusin", (event) => toCurrent(event.target.closest(".paper")?.dataset.paper));
  for (const tab of TABS) $(`tab-${tab}`).addEventListener("click", () => toTab(tab));
  document.querySelector("[role=tablist]").addEventListener("keydown", onTabKey);
  for (const what of ["list", "look", "issue"]) chooseBy(what);
  const does = { send: openSend, keep: openKeep, approve: openApprove, undo, again: () => edit(() => ["/read", {}]), help: () => $("dialog-keys").showModal(),
    menu: () => toggleTools(!$("top").classList.contains("open")) };
  for (const [id, act] of Object.entries(does)) $(id).addEventListener("click", act);
  for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
  for (const button of $("views").children) button.addEventListener("click", () => toView(button.dataset.view));
  attachNote();
  attachClosing();
  $("keys-on").checked = view.shortcuts;
  $("keys-on").addEventListener("change", () => { view.shortcuts = $("keys-on").checked; remember(); });
  $("inbox").addEventListener("toggle", () => { if (state) drawCuts(); });
  document.addEventListener("keydown", onKey);
}

function attachNote() {
  $("note").addEventListener("input", noteTyped);
  $("note").addEventListener("blur", () => { if (noteSent !== null) saveNote(); });
  $("note").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) saveNote();
    if (event.key === "Escape") { event.stopPropagation(); focusPaper(view.current); }
  });
  addEventListener("beforeunload", (event) => { if (noteSent !== null) event.preventDefault(); });
}

/** Escape and a click elsewhere close what is pulled down. */
function attachClosing() {
  const close = (event) => {
    if (!event.target.closest?.("#download") || event.target.closest("#download a")) $("download").open = false;
    if (!event.target.closest?.("#top")) toggleTools(false);
  };
  document.addEventListener("click", close);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    if ($("download").open) { $("download").open = false; $("download").firstElementChild.focus(); }
    if ($("top").classList.contains("open")) { toggleTools(false); $("menu").focus(); }
    for (const pane of panes) pane.unmark();
  });
}

recall();
attach();
drawKeys();
for (const settings of view.panes) addPane(settings);
$("inbox").open = !narrow.matches;
narrow.addEventListener("change", () => { $("inbox").open = !narrow.matches; });
listen();
load();
