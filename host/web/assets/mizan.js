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

/* Rows [time, origin, edition, low, high, unit] of one unit to one band an origin: two lines
   with the area between them. An open end is drawn as the edge of the picture. Of many origins
   those with the most points are drawn. */
const MOST_ORIGINS = 24;

function seriesOf(points) {
  const seconds = points.map((p) => Date.parse(p[0]) / 1000);
  const times = [...new Set(seconds)].sort((a, b) => a - b);
  const place = new Map(times.map((time, index) => [time, index]));
  const counts = new Map();
  for (const p of points) counts.set(p[1], (counts.get(p[1]) ?? 0) + 1);
  const drawn = [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST_ORIGINS);
  const groups = new Map(drawn.map(([origin]) => [origin, {
    low: Array(times.length).fill(null), high: Array(times.length).fill(null), open: false, editions: new Map(),
  }]));
  points.forEach(([, origin, edition, low, high], index) => {
    const group = groups.get(origin);
    if (group === undefined) return;
    const at = place.get(seconds[index]);
    group.low[at] = low;
    group.high[at] = high;
    group.open = group.open || low === null || high === null;
    if (edition && !group.editions.has(edition)) group.editions.set(edition, at);
  });
  holdLast(times, groups);
  return { times, groups };
}

/* What was said last holds on: a piece of the picture behind the last point shows it. */
function holdLast(times, groups) {
  const last = times.length - 1;
  times.push(times[last] + Math.max((times[last] - times[0]) * 0.06, 86400));
  for (const group of groups.values()) {
    let at = last;
    while (at > 0 && group.low[at] === null && group.high[at] === null) at--;
    group.low.push(group.low[at]);
    group.high.push(group.high[at]);
  }
}

/* A line and a word where an edition of a study begins. */
function editionMarks(groups, colour) {
  return (u) => {
    const first = new Map();
    for (const group of groups.values()) {
      for (const [edition, at] of group.editions) {
        first.set(edition, Math.min(first.get(edition) ?? Infinity, u.data[0][at]));
      }
    }
    if (first.size > 12) return;
    u.ctx.save();
    u.ctx.strokeStyle = u.ctx.fillStyle = colour;
    u.ctx.setLineDash([2, 4]);
    for (const [edition, time] of first) {
      const x = Math.round(u.valToPos(time, "x", true));
      u.ctx.beginPath();
      u.ctx.moveTo(x, u.bbox.top);
      u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
      u.ctx.stroke();
      u.ctx.textAlign = x > u.bbox.left + u.bbox.width * 0.8 ? "end" : "start";
      u.ctx.fillText(edition, x + (u.ctx.textAlign === "end" ? -4 : 4), u.bbox.top + 12);
    }
    u.ctx.restore();
  };
}

const COLOURS = ["#0d7a5f", "#2563b8", "#b4501e", "#8a3fa0", "#7a6a00", "#a8201a", "#3d6d80", "#5b5b9a"];

function drawChart(holder, points, logarithmic) {
  const { times, groups } = seriesOf(points);
  let most = 0;
  let least = Infinity;
  for (const [, , , low, high] of points) {
    most = Math.max(most, low ?? 0, high ?? 0);
    for (const end of [low, high]) if (end > 0) least = Math.min(least, end);
  }
  const data = [times];
  const series = [{}];
  const bands = [];
  let colour = 0;
  for (const [name, group] of groups) {
    const stroke = COLOURS[colour++ % COLOURS.length];
    const has = (i) => group.low[i] !== null || group.high[i] !== null;
    data.push(group.high.map((high, i) => (has(i) ? high ?? most * 1.1 : null)));
    data.push(group.low.map((low, i) => (has(i) ? low ?? (logarithmic ? least / 2 : 0) : null)));
    const style = { stroke, width: 2, spanGaps: true, points: { size: 6, show: times.length < 500 }, paths: uPlot.paths.stepped({ align: 1 }) };
    series.push({ ...style, label: (name || "unknown") + (group.open ? " (open)" : ""), dash: group.open ? [6, 4] : undefined });
    series.push({ ...style, label: (name || "unknown") + " low" });
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
    hooks: { draw: [editionMarks(groups, axis.stroke)] },
  }, data, holder);
}

/* Units never share an axis: where there are several, one is chosen, first the one with the most
   points. A function that gives the unit chosen. */
function unitChoice(figure, points) {
  const counts = new Map();
  for (const p of points) counts.set(p[5] ?? "", (counts.get(p[5] ?? "") ?? 0) + 1);
  const units = [...counts].sort((a, b) => b[1] - a[1]).map(([unit]) => unit);
  if (units.length < 2) return () => units[0];
  const select = document.createElement("select");
  select.id = "unit";
  for (const unit of units) select.add(new Option(`${unit || "no unit"} (${counts.get(unit)})`, unit));
  const label = document.createElement("label");
  label.append("Unit ", select);
  figure.prepend(label);
  return () => select.value;
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
  const unit = unitChoice(figure, points);
  const draw = () => drawChart(holder, points.filter((p) => (p[5] ?? "") === unit()), box.checked);
  figure.addEventListener("change", draw);
  addEventListener("resize", draw);
  const before = performance.now();
  draw();
  figure.dataset.points = points.length;
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
