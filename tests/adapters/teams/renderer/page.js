// Renders a card as the web client of Teams does, and says everything that the renderer has to say about it.
const marks = window.markdownit({ linkify: true }); // more than Teams knows: what stays plain here stays plain there

AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = marks.render(text);
  result.didProcess = true;
};

window.show = (card, host, universal) => {
  const frame = document.getElementById("frame");
  frame.replaceChildren();
  const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_5);
  const known = new AdaptiveCards.CardObjectRegistry();
  AdaptiveCards.GlobalRegistry.populateWithDefaultActions(known);
  if (!universal) known.unregister("Action.Execute");
  context.setActionRegistry(known);
  const made = new AdaptiveCards.AdaptiveCard();
  made.hostConfig = new AdaptiveCards.HostConfig(host);
  made.version = AdaptiveCards.Versions.v1_5;
  made.parse(card, context);
  const said = [];
  for (let at = 0; at < context.eventCount; at++) said.push(context.getEventAt(at).message);
  for (const one of made.validateProperties().validationEvents) said.push(one.message);
  const shown = made.render();
  if (shown) frame.appendChild(shown);
  const all = (selector) => [...frame.querySelectorAll(selector)];
  return {
    said,
    empty: !shown || shown.innerText.trim() === "",
    words: shown ? shown.innerText : "",
    links: all("a[href]").map((one) => one.getAttribute("href")),
    tags: [...new Set(all("*").map((one) => one.tagName.toLowerCase()))],
    buttons: all("button, [role=button]").map((one) => one.getAttribute("aria-label") || one.innerText),
    unnamed: all("input, textarea, select").filter(
      (one) => !one.getAttribute("aria-labelledby") && !one.getAttribute("aria-label") && !(one.labels || []).length,
    ).length,
    wide: shown ? shown.scrollWidth - shown.clientWidth : 0,
  };
};
