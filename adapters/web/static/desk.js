// Keeps the inbox and an open report up to date. Without this file the same pages work by reloading them.
// Beside the chat ([data-inline]) a report opens in its place; elsewhere links and forms are left alone.
import { poll } from "/static/live.js";

const title = document.title;
const inline = document.querySelector("[data-inline]");
const region = () => document.querySelector("[data-desk]");

function warn(words) {
  const line = region().querySelector("[data-offline]");
  if (line.textContent !== words) line.textContent = words;
  line.hidden = !words;
}

function say(words) {
  const line = region().querySelector("[data-status]");
  if (line.textContent !== words) line.textContent = words;
}

function count(part) {
  const number = part.querySelector("[data-count]")?.dataset.count;
  if (number === undefined) return;
  document.title = number === "0" ? title : `(${number}) ${title}`;
  const link = document.querySelector("[data-inbox-count]");
  if (link) link.textContent = number === "0" ? "" : `(${number})`;
}

function show(part) {
  const live = region().querySelector("[data-live]");
  const said = part.querySelector("[data-say]")?.dataset.say;
  const open = [...live.querySelectorAll("details[open]")].map((one) => one.id);
  const focused = live.contains(document.activeElement) && document.activeElement.id;
  const again = live.querySelector(".changed") === null && part.querySelector(".changed") !== null;
  count(part);
  live.replaceChildren(part);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  if (said) say(again ? `This has changed since you opened it. ${said}` : said);
}

const look = poll(
  () => region()?.dataset.poll,
  show,
  (cut) => warn(cut ? "Not up to date: the connection is lost, or this is no longer here." : ""),
);
document.addEventListener("sent", look);

// shows another page of the desk in this one's place
async function turn(url, options = {}) {
  try {
    const response = await fetch(url, { ...options, headers: { "X-Inside": "1" }, cache: "no-store" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const next = page.querySelector("[data-desk]");
    if (!next) throw new Error(`status ${response.status}`);
    region().replaceWith(document.importNode(next, true));
    const heading = document.getElementById("refusal") ?? document.getElementById("desk-title");
    heading.focus({ preventScroll: true });
    heading.scrollIntoView({ block: "nearest" });
    count(region());
  } catch {
    warn(
      options.method
        ? "It is not known whether that got through. Go back to the inbox and look before you repeat it."
        : "That could not be opened: it is not here, or the connection is lost.",
    );
  }
}

if (inline) {
  inline.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-inside]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    turn(link.href);
  });
  inline.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-inside]")) return;
    event.preventDefault();
    turn(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, event.submitter)) });
  });
}
document.getElementById("refusal")?.focus();
count(document);
