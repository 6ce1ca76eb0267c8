"use strict";
/* What a page does beyond being read: a run that is under way, the chart of a topic, the
   keys of the review queue. Every page is whole without it. */

function liveRun() {
  const live = document.getElementById("live");
  if (!live) return;
  const events = new EventSource(live.dataset.events);
  const output = live.querySelector("output");
  events.addEventListener("run", (event) => {
    const run = JSON.parse(event.data);
    output.textContent = run.documents;
    if (run.status !== "running") {
      events.close();
      live.textContent = "The run ended: " + run.status + (run.error ? " (" + run.error + ")" : "");
      setTimeout(() => location.reload(), 1500);
    }
  });
}

/* Rows [time, origin, edition, low, high, unit] to one band a series: two lines of an origin
   and unit with the area between them. An open end is drawn as the edge of the picture. */
function seriesOf(points) {
  const times = [...new Set(points.map((p) => Date.parse(p[0]) / 1000))].sort((a, b) => a - b);
  const place = new Map(times.map((time, index) => [time, index]));
  const groups = new Map();
  for (const [t, origin, , low, high, unit] of points) {
    const key = [origin, unit].filter(Boolean).join(" · ");
    if (!groups.has(key)) {
      groups.set(key, { low: Array(times.length).fill(null), high: Array(times.length).fill(null), open: false });
    }
    const at = place.get(Date.parse(t) / 1000);
    const group = groups.get(key);
    group.low[at] = low;
    group.high[at] = high;
    group.open = group.open || low === null || high === null;
  }
  return { times, groups };
}

const COLOURS = ["#0d7a5f", "#2563b8", "#b4501e", "#8a3fa0", "#7a6a00", "#a8201a", "#3d6d80", "#5b5b9a"];

function drawChart(holder, points, logarithmic) {
  const { times, groups } = seriesOf(points);
  const most = Math.max(...points.map((p) => Math.max(p[3] ?? 0, p[4] ?? 0)));
  const least = Math.min(...points.map((p) => Math.min(p[3] ?? Infinity, p[4] ?? Infinity)));
  const data = [times];
  const series = [{}];
  const bands = [];
  let colour = 0;
  for (const [name, group] of [...groups].slice(0, 40)) {
    const stroke = COLOURS[colour++ % COLOURS.length];
    const has = (i) => group.low[i] !== null || group.high[i] !== null;
    data.push(group.high.map((high, i) => (has(i) ? high ?? most * 1.1 : null)));
    data.push(group.low.map((low, i) => (has(i) ? low ?? (logarithmic ? least / 2 : 0) : null)));
    const style = { stroke, width: 2, spanGaps: true, points: { size: 6 } };
    series.push({ ...style, label: name + (group.open ? " (open)" : ""), dash: group.open ? [6, 4] : undefined });
    series.push({ ...style, label: name + " low" });
    bands.push({ series: [series.length - 2, series.length - 1], fill: stroke + "30" });
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const axis = { stroke: dark ? "#c8d1da" : "#3d4d5c", grid: { stroke: dark ? "#33404c" : "#e3e8ec" } };
  const format = new Intl.NumberFormat("en", { notation: "compact" });
  holder.replaceChildren();
  return new uPlot({
    width: holder.clientWidth || 600, height: 360, series, bands,
    scales: { x: { time: true }, y: logarithmic ? { distr: 3 } : { range: (u, min, max) => [Math.min(0, min), max * 1.05] } },
    axes: [axis, { ...axis, size: 70, values: (u, splits) => splits.map((v) => (v === null ? "" : format.format(v))) }],
    legend: { show: groups.size <= 12 },
  }, data, holder);
}

function chart() {
  const figure = document.getElementById("chart");
  const template = document.getElementById("points");
  if (!figure || !template || typeof uPlot === "undefined") return;
  const points = JSON.parse(template.content.textContent).filter((p) => p[0] && (p[3] !== null || p[4] !== null));
  if (points.length === 0) return;
  figure.hidden = false;
  const holder = figure.querySelector(".plot");
  const box = document.getElementById("log");
  const draw = () => drawChart(holder, points, box.checked);
  box.addEventListener("change", draw);
  addEventListener("resize", draw);
  const before = performance.now();
  draw();
  figure.dataset.milliseconds = Math.round(performance.now() - before);
}

function typing(event) {
  return event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
}

function queueKeys() {
  const rows = [...document.querySelectorAll("#queue tbody tr")];
  if (rows.length === 0) return;
  let at = -1;
  addEventListener("keydown", (event) => {
    if (typing(event) || !"jk".includes(event.key)) return;
    if (at >= 0) rows[at].removeAttribute("aria-selected");
    at = Math.max(0, Math.min(rows.length - 1, at + (event.key === "j" ? 1 : -1)));
    rows[at].setAttribute("aria-selected", "true");
    rows[at].querySelector("a").focus();
  });
}

function verdictKeys() {
  const form = document.querySelector("#verdict form");
  if (!form) return;
  const name = form.elements.who;
  name.value = localStorage.getItem("mizan.who") || "";
  form.addEventListener("submit", () => localStorage.setItem("mizan.who", name.value));
  addEventListener("keydown", (event) => {
    const verdict = { c: "confirm", x: "reject" }[event.key];
    if (typing(event) || !verdict) return;
    form.requestSubmit(form.querySelector('[value="' + verdict + '"]'));
  });
}

liveRun();
chart();
queueKeys();
verdictKeys();
