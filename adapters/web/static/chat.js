"use strict";
// Sends without a reload. Without this file the same forms work by themselves.
(() => {
  const log = document.querySelector("[data-log]");
  const ask = document.querySelector("form.ask");
  const question = ask.elements.text;
  const inbox = document.querySelector("[data-inbox]");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let sending = false;

  document.getElementById("keys").hidden = false;

  // the log scrolls by itself on a wide screen and with the page on a narrow one
  const scroll = document.querySelector("[data-scroll]");
  function show(node, behavior = calm.matches ? "auto" : "smooth") {
    const inner = getComputedStyle(scroll).overflowY === "auto";
    const box = inner ? scroll : window;
    const top = (inner ? scroll.getBoundingClientRect().top : 0) + (node.matches(".choices") ? 8 : 0);
    box.scrollBy({ top: node.getBoundingClientRect().top - top, behavior });
  }

  const fragment = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content;
  };

  function say(words) {
    const reply = document.createElement("div");
    reply.className = "reply reply-failed";
    reply.textContent = words;
    const exchange = document.createElement("article");
    exchange.className = "exchange";
    exchange.append(reply);
    log.append(exchange);
    show(exchange);
  }

  async function send(form, text) {
    if (sending) return;
    sending = true;
    log.setAttribute("aria-busy", "true");
    const fromAsk = form === ask;
    try {
      const response = await fetch("/api/turns", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ conversation: "main", school: form.elements.school.value, text }),
      });
      const said = await response.json();
      if (!response.ok) {
        say(said.error);
        return;
      }
      for (const change of said.changed) {
        const old = document.getElementById(change.id);
        if (old && old.outerHTML !== change.html) old.replaceWith(fragment(change.html));
      }
      log.append(fragment(said.html));
      if (fromAsk) question.value = "";
      document.querySelector("[data-forget]").hidden = false;
      const pressed = form.isConnected ? null : document.getElementById(said.changed.at(-1)?.id);
      show(pressed || log.lastElementChild);
      refresh();
    } catch {
      say(ask.dataset.failed);
    } finally {
      sending = false;
      log.removeAttribute("aria-busy");
      question.focus({ preventScroll: true });
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-send]")) {
      event.preventDefault();
      send(form, event.submitter?.name === "text" ? event.submitter.value : question.value);
    } else if (form.matches("[data-feedback]")) {
      event.preventDefault();
      note(form, event.submitter);
    }
  });

  async function note(form, button) {
    const body = new URLSearchParams(new FormData(form, button));
    const words = form.querySelector(".feedback-question");
    try {
      const response = await fetch(form.action, { method: "POST", body, redirect: "manual" });
      if (response.type !== "opaqueredirect") throw new Error("refused");
      words.textContent = button.value === "yes" ? "Noted as right. Thank you." : "Noted as not right. Thank you.";
      for (const one of form.querySelectorAll("button")) one.remove();
      question.focus({ preventScroll: true });
    } catch {
      words.textContent = "That could not be noted.";
    }
  }

  question.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    ask.requestSubmit();
  });

  let last = inbox.innerHTML.trim();
  async function refresh() {
    try {
      const response = await fetch(inbox.dataset.inbox);
      const html = (await response.text()).trim();
      if (!response.ok || html === last) return;
      last = html;
      const open = [...inbox.querySelectorAll("details[open]")].map((one) => one.id);
      const focused = inbox.contains(document.activeElement) && document.activeElement.closest("details")?.id;
      inbox.replaceChildren(fragment(html));
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      if (focused) document.getElementById(focused)?.querySelector("summary").focus({ preventScroll: true });
      count();
    } catch {
      // the server has stopped; the next message says so
    }
  }

  function count() {
    const number = inbox.querySelector("[data-count]").dataset.count;
    document.querySelector("[data-inbox-count]").textContent = number === "0" ? "" : `(${number})`;
  }

  setInterval(() => document.hidden || refresh(), 3000);
  count();
  const latest = log.lastElementChild;
  if (latest) show(latest, "auto");
})();
