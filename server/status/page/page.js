
"use strict";
(() => {
  const PERIOD_MS = 2000;
  const live = document.getElementById("live");
  const template = document.getElementById("template").textContent;
  const freshness = document.getElementById("freshness");
  const button = document.getElementById("pause");

  // Figures: the rules of figures.cc.
  const LARGEST = 9e15;
  const bounded = (value, most) => Math.min(Math.max(value, 0), most);
  const count = (value) => String(Math.trunc(bounded(value, LARGEST))).replace(/\B(?=(\d{3})+$)/g, ",");
  const fixed = (value, digits) => {
    const scale = 10 ** digits;
    const rounded = Math.floor(bounded(value, LARGEST / scale) * scale + 0.5);
    const text = count(rounded / scale);
    return digits === 0 ? text : text + "." + String(rounded % scale).padStart(digits, "0");
  };
  const digitsOf = (value) => (value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
  const three = (value) => fixed(value, digitsOf(value));
  const scaled = (value) => {
    let unit = 0;
    while (value >= 999.5 && unit < 5) { value /= 1024; unit += 1; }
    return [unit === 0 ? fixed(value, 0) : three(value), unit];
  };
  const bytes = (value) => { const [text, unit] = scaled(value); return text + [" B", " KiB", " MiB", " GiB", " TiB", " PiB"][unit]; };
  const brief = (value) => { const [text, unit] = scaled(value); return text + " KMGTP"[unit].trim(); };
  const rate = (value) => (value === 0 ? "0" : three(value));
  const twoUnits = (large, largeUnit, small, smallUnit) => large + largeUnit + (small > 0 ? " " + small + smallUnit : "");
  const span = (value) => {
    if (value < 9.95) return fixed(value, 1) + " s";
    const whole = Math.trunc(bounded(value, LARGEST));
    if (whole < 60) return whole + " s";
    if (whole < 3600) return twoUnits(Math.trunc(whole / 60), " m", whole % 60, " s");
    if (whole < 86400) return twoUnits(Math.trunc(whole / 3600), " h", Math.trunc(whole / 60) % 60, " m");
    return twoUnits(Math.trunc(whole / 86400), " d", Math.trunc(whole / 3600) % 24, " h");
  };
  const briefSpan = (value) => {
    const whole = Math.trunc(bounded(value, LARGEST));
    if (whole < 60) return whole + "s";
    if (whole < 3600) return Math.trunc(whole / 60) + "m";
    return whole < 86400 ? Math.trunc(whole / 3600) + "h" : Math.trunc(whole / 86400) + "d";
  };
  const latency = (value) => (value < 0.9995 ? three(value * 1000) + " ms" : three(value) + " s");
  const share = (value) => (value === 0 ? "0 %" : three(value * 100) + " %");
  const FIGURES = { bytes, brief, rate, span, brief_span: briefSpan, latency, share, count, fraction: (value) => fixed(value, 2) };

  // Templates: the rules of page_template.h.
  const escape = (text) => text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }[c]));
  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const findIn = (value, path) => {
    for (const name of path.split(".")) {
      if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
      value = value[name];
    }
    return value;
  };
  const lookUp = (scope, path) => {
    if (path === ".") return scope.at(-1);
    for (let at = scope.length; at-- > 0;) {
      const found = findIn(scope[at], path);
      if (found !== undefined) return found;
    }
    return null;
  };
  const shows = (value) => (typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value));
  const textOf = (value, format) => {
    if (typeof value === "string") return escape(value);
    if (typeof value === "boolean") return String(value);
    return typeof value === "number" ? (FIGURES[format] || count)(value) : "–";
  };
  const fill = (page, scope) => {
    let out = "";
    for (let at; (at = page.indexOf("{{")) >= 0;) {
      const tag = page.slice(at + 2, page.indexOf("}}", at));
      out += page.slice(0, at);
      page = page.slice(at + tag.length + 4);
      if (tag[0] !== "#" && tag[0] !== "^") {
        const [path, format] = tag.split("|");
        out += textOf(lookUp(scope, path), format);
        continue;
      }
      const end = "{{/" + tag.slice(1) + "}}";
      const body = page.slice(0, page.indexOf(end));
      page = page.slice(body.length + end.length);
      const value = lookUp(scope, tag.slice(1));
      const inverse = tag[0] === "^";
      if (inverse === shows(value)) continue;
      for (const item of !inverse && Array.isArray(value) ? value : [value]) out += fill(body, [...scope, item]);
    }
    return out + page;
  };

  // Makes `now` like `next` and touches only what differs: focus, selection, scrolling, what is unfolded stay.
  const sameKind = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && a.id === b.id;
  const change = (now, next) => {
    if (now.nodeType !== Node.ELEMENT_NODE) {
      if (now.data !== next.data) now.data = next.data;
      return;
    }
    for (const { name, value } of next.attributes) if (now.getAttribute(name) !== value) now.setAttribute(name, value);
    for (const { name } of [...now.attributes]) if (!next.hasAttribute(name) && name !== "open") now.removeAttribute(name);
    changeWithin(now, next);
  };
  const changeWithin = (now, next) => {
    const wanted = [...next.childNodes];
    wanted.forEach((child, place) => {
      const there = now.childNodes[place];
      if (there && sameKind(there, child)) change(there, child);
      else if (there) there.replaceWith(child);
      else now.append(child);
    });
    while (now.childNodes.length > wanted.length) now.lastChild.remove();
  };

  const show = (status) => {
    const next = document.createElement("main");
    next.innerHTML = fill(template, [status]);
    changeWithin(live, next);
    document.title = (status.readiness.ready ? "" : "Not ready: ") + status.service.host + " · Cistern";
  };
  globalThis.cisternStatus = { html: (status) => fill(template, [status]) };

  let paused = false;
  const say = (text) => { if (freshness.textContent !== text) freshness.textContent = text; };
  const refresh = async () => {
    if (paused || document.hidden) return;
    try {
      const answer = await fetch("/status.json", { cache: "no-store", signal: AbortSignal.timeout(10000) });
      if (!answer.ok) throw new Error("status " + answer.status);
      const status = await answer.json();
      if (paused) return;
      show(status);
      live.classList.remove("stale");
      say("Live, every " + PERIOD_MS / 1000 + " s.");
    } catch {
      live.classList.add("stale");
      say("No answer: these figures are old. Trying again.");
    }
  };
  const loop = async () => {
    await refresh();
    setTimeout(loop, PERIOD_MS);
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? "Resume" : "Pause";
    button.setAttribute("aria-pressed", String(paused));
    say(paused ? "Paused." : "Live, every " + PERIOD_MS / 1000 + " s.");
    refresh();
  });
  document.addEventListener("visibilitychange", refresh);
  loop();
})();
