// Asks for a part of the page every three seconds; the server answers 304 while nothing has changed.
const EVERY = 3000;
const PATIENCE = 10000;

export function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

// `address` gives what to ask for now, `show` takes the new part, `cut` learns whether the line is cut.
export function poll(address, show, cut) {
  let tag = "";
  let asked = "";
  let asking = false;

  async function look() {
    const url = address();
    if (asking || !url) return;
    asking = true;
    if (url !== asked) [tag, asked] = ["", url];
    try {
      const headers = tag ? { "If-None-Match": tag } : {};
      const response = await fetch(url, { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      if (response.status === 401) location.reload();
      const html = response.ok ? await response.text() : "";
      if (url !== address()) return;
      cut(!response.ok && response.status !== 304);
      if (!response.ok) return;
      tag = response.headers.get("ETag") ?? "";
      show(fragment(html));
    } catch {
      if (url === address()) cut(true);
    } finally {
      asking = false;
    }
  }

  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  return look;
}
