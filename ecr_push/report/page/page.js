"use strict";
// Makes the page's table one that can be searched, sorted and paged, from the JSON beside it. Texts are
// set as text, never as markup; links were vetted when the page was made. Without this script the page
// has the first findings, and all else that it says.
(() => {
  // A row's fields by their place: html_rows.dump.
  const FIELDS = ["id", "severity", "package", "version", "fixed", "title", "url", "score", "epss",
    "exploited", "fixable", "description", "aliases", "platforms", "decision", "by", "seen", "packages"];
  const FIELD = Object.fromEntries(FIELDS.map((name, place) => [name, place]));
  const SEVERITIES = ["Undefined", "Untriaged", "Informational", "Low", "Medium", "High", "Critical", "Unrecognised"];
  const MOST_PRINTED = 1000;
  const WORST_FIRST = new Set(["severity", "score", "epss"]);

  const find = (id) => document.getElementById(id);
  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  theme();
  scrollers();
  copies();
  if (find("data")) findings(JSON.parse(find("data").textContent));

  function theme() {
    const button = find("theme");
    const root = document.documentElement;
    const system = matchMedia("(prefers-color-scheme: dark)");
    const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
    const show = () => { button.textContent = dark() ? "Light theme" : "Dark theme"; };
    button.addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      try { localStorage.setItem("ecr-push-theme", root.dataset.theme); } catch { /* no storage: for this page then */ }
      show();
    });
    system.addEventListener("change", show);
    button.hidden = false;
    show();
  }

  // Only elements that scroll sideways can be reached by keyboard.
  function scrollers() {
    const watch = new ResizeObserver((entries) => {
      for (const { target } of entries) {
        const box = target.closest(".scroll");
        const role = { tabindex: "0", role: "group", "aria-labelledby": box.closest("section").getAttribute("aria-labelledby") };
        for (const [name, value] of Object.entries(role)) {
          if (box.scrollWidth > box.clientWidth) box.setAttribute(name, value);
          else box.removeAttribute(name);
        }
      }
    });
    for (const box of document.querySelectorAll(".scroll")) for (const one of [box, ...box.children]) watch.observe(one);
  }

  // A browser without the clipboard (a page over http) copies what is selected, or leaves it selected.
  function copies() {
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        const from = find(button.dataset.copy);
        let done = true;
        try {
          await navigator.clipboard.writeText(from.textContent);
        } catch {
          getSelection().selectAllChildren(from);
          done = document.execCommand("copy");
        }
        button.textContent = done ? "Copied" : "Selected";
        find("copied").textContent = `${button.getAttribute("aria-label").replace("Copy", button.textContent)}.`;
        setTimeout(() => { button.textContent = "Copy"; }, 2000);
      });
    }
  }

  function findings({ texts, decisions, base, rows }) {
    const ofBase = new Set(base);
    const table = find("table"), body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
    const columns = heads.map((head) => head.dataset.key);
    const form = find("filters"), size = find("size");
    const text = (row, name) => texts[row[FIELD[name]]];
    const number = (count) => count.toLocaleString("en");
    const opened = new Set();
    let sort = null; // as the page was made: what decided first, then worst first
    let matching = rows, page = 0, printing = false;

    // ---- which rows, in which order ----

    const haystacks = new Map();
    function haystack(row) {
      if (!haystacks.has(row)) {
        const packages = row[FIELD.packages].flatMap(([name, , , , path, layer]) => [texts[name], texts[path], texts[layer]]);
        const aliases = row[FIELD.aliases].map((alias) => texts[alias]);
        const parts = [text(row, "id"), text(row, "package"), text(row, "title"), ...aliases, ...packages];
        haystacks.set(row, parts.join("\n").toLowerCase());
      }
      return haystacks.get(row);
    }

    function matches() {
      const words = find("text").value.toLowerCase().split(/\s+/).filter(Boolean);
      const severities = new Set([...form.querySelectorAll("[name=severity]:checked")].map((box) => SEVERITIES.indexOf(title(box.value))));
      const decision = decisions.indexOf(find("decision").value);
      const platform = find("platform") ? find("platform").value : "";
      const fix = { "": undefined, yes: true, no: false, unknown: null }[find("fix").value];
      return rows.filter((row) =>
        (!severities.size || severities.has(row[FIELD.severity])) &&
        (decision < 0 || row[FIELD.decision] === decision) &&
        (!platform || row[FIELD.platforms].some((one) => texts[one] === platform)) &&
        (fix === undefined || row[FIELD.fixable] === fix) &&
        words.every((word) => haystack(row).includes(word)));
    }

    function title(word) { return word[0] + word.slice(1).toLowerCase(); }

    const collator = new Intl.Collator("en", { numeric: true });
    function sorted(found) {
      if (!sort) return found;
      const { key, direction } = sort;
      const value = {
        severity: (row) => row[FIELD.severity], score: (row) => row[FIELD.score], epss: (row) => row[FIELD.epss],
        decision: (row) => row[FIELD.decision],
        platforms,
      }[key] || ((row) => text(row, key));
      const missing = (one) => one === null || one === "";
      const pairs = found.map((row) => [value(row), row]);
      pairs.sort(([left], [right]) => {
        if (missing(left) || missing(right)) return missing(left) - missing(right); // last, whichever way
        return direction * (typeof left === "number" ? left - right : collator.compare(left, right));
      });
      return pairs.map(([, row]) => row);
    }

    // ---- drawing ----

    // A cell across all columns spans those that are seen: one more would take room of its own.
    function across(...children) {
      const seen = heads.filter((head) => getComputedStyle(head).display !== "none").length;
      return make("td", { colspan: seen }, ...children);
    }

    function draw() {
      const length = printing ? MOST_PRINTED : Number(size.value);
      const pages = Math.max(1, Math.ceil(matching.length / length));
      page = Math.min(page, pages - 1);
      const first = printing ? 0 : page * length;
      const shown = matching.slice(first, first + length);
      body.replaceChildren(...shown.flatMap((row, place) => lines(row, first + place)));
      if (!shown.length) body.append(make("tr", {}, across("No finding matches these filters.")));
      const one = matching.length === 1;
      const which = matching.length === rows.length ? "" : ` that ${one ? "matches" : "match"}, of ${number(rows.length)}`;
      const range = shown.length && shown.length < matching.length ? `${number(first + 1)} to ${number(first + shown.length)} of ` : "";
      find("shown").textContent = `${range}${number(matching.length)} ${one ? "finding" : "findings"}${which}.`;
      find("page").textContent = `Page ${number(page + 1)} of ${number(pages)}`;
      find("paging").hidden = matching.length <= Number(size.options[0].text);
      for (const button of find("paging").querySelectorAll("button")) {
        const end = ["first", "previous"].includes(button.dataset.page) ? page === 0 : page === pages - 1;
        button.setAttribute("aria-disabled", String(end)); // not disabled, which would lose the focus
      }
    }

    function lines(row, place) {
      const open = opened.has(row);
      const line = make("tr", open ? { class: "open" } : {}, ...columns.map((key) => cell(row, key, place)));
      return open ? [line, details(row, place)] : [line];
    }

    function cell(row, key, place) {
      const severity = SEVERITIES[row[FIELD.severity]];
      switch (key) {
        case "severity": {
          const more = make("button", {
            type: "button", class: "more", "aria-expanded": opened.has(row), "aria-controls": `details-${place}`,
            "aria-label": `Details of ${text(row, "id")}`,
          });
          more.addEventListener("click", () => toggle(row, place, more));
          return make("td", { class: "severity" }, more, make("span", { class: `severity ${severity.toLowerCase()}` }, severity));
        }
        case "id": {
          const id = text(row, "id"), named = text(row, "title");
          const children = [text(row, "url") ? link(text(row, "url"), id) : id];
          if (named && named !== id) children.push(make("br"), make("span", { class: "title" }, named));
          children.push(make("span", { class: "narrow" }, `${text(row, "package")} ${text(row, "version")}`));
          return make("th", { scope: "row", class: "id" }, ...children);
        }
        case "package":
          return make("td", { class: "package" }, text(row, "package") || "–", " ", make("span", { class: "muted" }, text(row, "version")), ...path(row));
        case "fixed":
          return make("td", { class: "fixed" }, fixed(row));
        case "score":
          return make("td", { class: "score" }, row[FIELD.score] === null ? "–" : row[FIELD.score].toFixed(1));
        case "epss":
          return make("td", { class: "epss" }, percent(row[FIELD.epss]));
        case "platforms":
          return make("td", { class: "platforms" },
            row[FIELD.platforms].length === find("platform").options.length - 1 ? "all" : platforms(row));
        default:
          return make("td", { class: "decision" }, decisions[row[FIELD.decision]]);
      }
    }

    function path(row) {
      const first = row[FIELD.packages][0], found = first ? texts[first[4]] : "";
      return found ? [make("br"), make("span", { class: "title" }, found)] : [];
    }

    function whose(layer) {
      return !ofBase.size ? "" : ofBase.has(layer) ? " (base image)" : " (this image's own)";
    }

    function platforms(row) {
      return row[FIELD.platforms].map((one) => texts[one]).join(", ");
    }

    function short(digest) {
      return digest.replace("sha256:", "").slice(0, 12);
    }

    function fixed(row) {
      return text(row, "fixed") || (row[FIELD.fixable] === false ? "no fix yet" : "–");
    }

    function percent(part) {
      return part === null ? "–" : `${(100 * part).toFixed(1)}%`;
    }

    function link(url, label) {
      return make("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, label);
    }

    function toggle(row, place, button) {
      const line = button.closest("tr"), open = !opened.has(row);
      if (open) {
        opened.add(row);
        line.after(details(row, place));
      } else {
        opened.delete(row);
        line.nextElementSibling.remove();
      }
      line.classList.toggle("open", open);
      button.setAttribute("aria-expanded", String(open));
    }

    function details(row, place) {
      const facts = make("dl", { class: "facts" });
      const fact = (label, ...values) => {
        if (values.some((value) => value)) facts.append(make("dt", {}, label), make("dd", {}, ...values));
      };
      fact("Decided by", text(row, "by"));
      for (const [name, version, fixedIn, manager, path, layer] of row[FIELD.packages].map((one) => one.map((place) => texts[place]))) {
        const from = [manager && `${manager} package`, path && `in ${path}`, layer && `from layer ${short(layer)}${whose(layer)}`].filter(Boolean).join(", ");
        fact("Package", make("code", {}, `${name} ${version}`.trim()), fixedIn ? `, fixed in ${fixedIn}` : "", from ? `; ${from}` : "");
      }
      const scores = [];
      if (row[FIELD.score] !== null) scores.push(`CVSS ${row[FIELD.score].toFixed(1)}`);
      if (row[FIELD.epss] !== null) scores.push(`EPSS ${percent(row[FIELD.epss])} within 30 days`);
      fact("Scores", scores.join(", "));
      if (row[FIELD.exploited] !== null) fact("Exploit", row[FIELD.exploited] ? "known" : "none known");
      fact("Fix", row[FIELD.fixable] === false ? "none yet" : "");
      fact("Platforms", platforms(row));
      fact("Also known as", row[FIELD.aliases].map((one) => texts[one]).join(", "));
      fact("First seen", text(row, "seen"));
      if (text(row, "url")) fact("Advisory", link(text(row, "url"), text(row, "url")));
      const about = text(row, "description");
      const content = about && about !== text(row, "title") ? [make("p", {}, about), facts] : [facts];
      return make("tr", { class: "details", id: `details-${place}` }, across(...content));
    }

    // ---- what people do ----

    function refresh() {
      matching = sorted(matches());
      page = 0;
      draw();
    }

    for (const head of heads) {
      const button = make("button", { type: "button" }, head.textContent);
      button.addEventListener("click", () => {
        const key = head.dataset.key;
        const first = WORST_FIRST.has(key) ? -1 : 1;
        sort = { key, direction: sort && sort.key === key ? -sort.direction : first };
        for (const one of heads) one.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", sort.direction > 0 ? "ascending" : "descending");
        refresh();
      });
      head.replaceChildren(button);
    }

    let pending;
    form.addEventListener("input", (event) => {
      clearTimeout(pending);
      pending = setTimeout(refresh, event.target.id === "text" ? 120 : 0);
    });
    form.addEventListener("reset", () => setTimeout(refresh)); // the fields are cleared after this event
    form.addEventListener("submit", (event) => event.preventDefault());

    find("paging").addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button || button.getAttribute("aria-disabled") === "true") return;
      page = { first: 0, previous: page - 1, next: page + 1, last: Infinity }[button.dataset.page];
      draw();
    });
    size.addEventListener("change", () => { page = 0; draw(); });

    // Links from the rest of the page: to the findings of a package, of a layer, of one decision.
    document.addEventListener("click", (event) => {
      const from = event.target.closest("[data-search], [data-decision]");
      if (!from) return;
      form.reset();
      find("text").value = from.dataset.search || "";
      find("decision").value = from.dataset.decision || "";
      clearTimeout(pending);
      refresh();
      find("findings").focus({ preventScroll: true });
    });

    addEventListener("beforeprint", () => { printing = true; draw(); });
    addEventListener("afterprint", () => { printing = false; draw(); });

    matchMedia("screen and (max-width: 44rem)").addEventListener("change", draw); // as in page.css

    form.hidden = false;
    refresh();
  }
})();
