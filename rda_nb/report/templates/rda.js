// Sorting, filtering, evidence cards and figures. One listener per kind on the document, so that notebook outputs
// added later work as well. Nothing here asks the network for anything.
(() => {
  "use strict";
  if (window.rdaReady) return;
  window.rdaReady = true;
  const FEW = 30;
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

  // Tables.
  const words = new WeakMap();
  const visibleText = (row) => {
    if (!words.has(row)) {
      const copy = row.cloneNode(true);
      all(".card", copy).forEach((card) => card.remove());
      words.set(row, copy.textContent.toLowerCase().replace(/\s+/g, " "));
    }
    return words.get(row);
  };
  const refresh = (data) => {
    const body = data.querySelector("tbody");
    if (!body) return;
    const asked = (data.querySelector(".filter")?.value || "").trim().toLowerCase().split(/\s+/).filter(Boolean);
    const off = new Set(all('.chip[aria-pressed="false"]', data).map((chip) => chip.dataset.a));
    const rows = Array.from(body.rows);
    let matching = 0;
    for (const row of rows) {
      const keep = !off.has(row.dataset.a) && asked.every((word) => visibleText(row).includes(word));
      matching += keep;
      row.hidden = !keep || (matching > FEW && data.dataset.all !== "yes");
    }
    const count = data.querySelector(".count");
    if (count) count.textContent = `${matching} of ${rows.length} rows`;
    let button = data.querySelector(".show-all");
    if (matching > FEW && data.dataset.all !== "yes") {
      if (!button) {
        button = document.createElement("button");
        button.type = "button";
        button.className = "show-all";
        data.querySelector(".scroll").after(button);
      }
      button.textContent = `Show all ${matching} rows`;
    } else if (button) button.remove();
  };
  const keyOf = (row, index) => {
    const cell = row.cells[index];
    const given = cell?.dataset.v ?? cell?.textContent.trim() ?? "";
    const value = given === "" ? NaN : Number(given);
    return Number.isNaN(value) ? given.toLowerCase() : value;
  };
  const sort = (button) => {
    const head = button.closest("th");
    const table = head.closest("table");
    const down = head.getAttribute("aria-sort") === "ascending";
    all("th", table).forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const index = head.cellIndex;
    const body = table.tBodies[0];
    const sign = down ? -1 : 1;
    const keyed = Array.from(body.rows, (row, place) => ({ row, place, key: keyOf(row, index) }));
    keyed.sort((a, b) => {
      // Empty cells stay last in both directions; numbers come before words.
      if ((a.key === "") !== (b.key === "")) return a.key === "" ? 1 : -1;
      if (typeof a.key !== typeof b.key) return typeof a.key === "number" ? -1 : 1;
      const order = typeof a.key === "number" ? a.key - b.key : a.key.localeCompare(b.key, "en", { numeric: true });
      return sign * order || a.place - b.place;
    });
    body.append(...keyed.map((item) => item.row));
    const data = table.closest(".data");
    if (data) refresh(data);
  };

  // Evidence cards: native popovers, placed beside the reference that opened them.
  let opener = null;
  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("button, a");
    if (!target) return;
    if (target.matches(".rda .cite")) opener = target;
    else if (target.matches(".rda .sort")) sort(target);
    else if (target.matches(".rda .chip")) {
      target.setAttribute("aria-pressed", target.getAttribute("aria-pressed") === "true" ? "false" : "true");
      refresh(target.closest(".data"));
    } else if (target.matches(".rda .show-all")) {
      target.closest(".data").dataset.all = "yes";
      refresh(target.closest(".data"));
    } else if (target.matches(".rda .copy")) copy(target);
    else if (target.id === "toggle-code") {
      const on = document.body.classList.toggle("with-code");
      target.setAttribute("aria-pressed", String(on));
      target.textContent = on ? "Hide code" : "Show code";
    }
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches?.(".rda .filter")) refresh(event.target.closest(".data"));
  });
  // A card stores its lines alone; its head is made when it opens for the first time.
  const make = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text });
  const crown = (card) => {
    const { p, r, t } = card.dataset;
    const head = make("div", "card-head", "");
    head.append(p ? make("code", "place", p) : make("strong", "", t));
    if (r) head.append(make("span", "role", r));
    const buttons = make("span", "card-buttons", "");
    if (p) {
      const button = make("button", "copy", "Copy");
      button.dataset.copy = p;
      buttons.append(button);
    }
    const close = make("button", "close", "×");
    close.setAttribute("aria-label", "Close");
    close.addEventListener("click", () => card.hidePopover());
    buttons.append(close);
    head.append(buttons);
    card.setAttribute("role", "dialog");
    card.setAttribute("aria-label", p ? `Evidence ${p}` : t);
    card.prepend(head);
  };
  document.addEventListener("beforetoggle", (event) => {
    const card = event.target;
    if (card.matches?.(".rda .card") && event.newState === "open" && !card.querySelector(".card-head")) crown(card);
  }, true);
  document.addEventListener("toggle", (event) => {
    const card = event.target;
    if (!card.matches?.(".rda .card") || event.newState !== "open" || !opener) return;
    const at = opener.getBoundingClientRect();
    const size = card.getBoundingClientRect();
    const below = at.bottom + 6 + size.height <= innerHeight;
    card.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
    card.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - size.height - 6)}px`;
  }, true);
  const copy = async (button) => {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const box = document.createElement("textarea");
      box.value = text;
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1200);
  };

  // A link to a closed finding opens it.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) { target.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);

  // Printing shows every finding.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details.finding:not([open])");
    closed.forEach((item) => { item.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((item) => { item.open = false; }));

  // Figures.
  const tone = (element, name) => getComputedStyle(element).getPropertyValue(name).trim();
  const themed = (element) => ({
    "font.color": tone(element, "--quiet"),
    "hoverlabel.bgcolor": tone(element, "--paper"),
    "hoverlabel.bordercolor": tone(element, "--line"),
    "hoverlabel.font.color": tone(element, "--ink"),
  });
  const fit = (spec, element) => {
    if (element.clientWidth >= 620) return spec;
    const axis = spec.layout.yaxis;
    const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
    const across = spec.layout.xaxis;
    if (across?.ticktext) {
      across.tickangle = 0;
      across.tickvals = across.tickvals.filter((_, place) => place % 2 === 0);
      across.ticktext = across.ticktext.filter((_, place) => place % 2 === 0);
    }
    if (across?.title) across.title.font = { size: 10.5 };
    if (spec.data.some((trace) => trace.name === "unbounded")) spec.layout.margin.r = 62;
    if (axis?.ticktext) axis.ticktext = axis.ticktext.map((text) => cut(text.split("  ")[0], 19));
    if (spec.layout.legend) spec.layout.legend = { orientation: "h", y: -0.28, yanchor: "top", x: 0 };
    if (spec.layout.legend) spec.layout.height += 60;
    return spec;
  };
  const draw = (figure) => {
    const element = figure.querySelector(".plot");
    const data = figure.querySelector("script.spec");
    if (!element || !data || !window.Plotly || element.dataset.drawn) return;
    element.dataset.drawn = "yes";
    const spec = fit(JSON.parse(data.textContent), element);
    element.style.height = "";
    window.Plotly.newPlot(element, spec.data, spec.layout, { displayModeBar: false, responsive: true })
      .then(() => window.Plotly.relayout(element, themed(element)))
      .catch((error) => {
        element.classList.add("hatch-fail");
        element.textContent = `This figure could not be drawn (${error.message}); its numbers stand in the table below.`;
      });
  };
  // On a narrow screen a row stands as a card, whose cells carry their column's name.
  const label = (table) => {
    const names = all("thead th", table).map((head) => head.textContent.trim());
    for (const row of table.tBodies[0]?.rows ?? []) {
      Array.from(row.cells).forEach((cell, index) => { cell.dataset.label = names[index]; });
    }
  };
  const start = () => {
    all(".rda .data").forEach(refresh);
    const narrow = matchMedia("(max-width: 700px)");
    const name = () => narrow.matches && all(".rda .data table").forEach(label);
    narrow.addEventListener("change", name);
    name();
    all(".rda .figure").forEach(draw);
    reveal();
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    all(".rda .plot[data-drawn]").forEach((element) => window.Plotly?.relayout(element, themed(element)));
  });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
