"use strict";
/* The hourly explorer: hours are unpacked when their year is chosen. */
const byId = id => document.getElementById(id);
const years = new Map([...document.querySelectorAll("script.year")].map(s => [s.dataset.year, null]));
const controls = {year: byId("year"), place: byId("place"), week: byId("week"), flow: byId("flow"), filter: byId("flowfilter"), all: byId("allyears")};

async function unpack(year) {
  if (years.get(year)) return years.get(year);
  const index = read(`index-${year}`);
  const bytes = Uint8Array.from(atob(byId(`hours-${year}`).textContent.trim()), c => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const codes = new Int16Array(await new Response(stream).arrayBuffer());
  const steps = index.days.length * index.ofDay, two = number => String(number).padStart(2, "0");
  const clock = Array.from({length: index.ofDay}, (_, s) => s * 1440 / index.ofDay).map(m => `${two(Math.floor(m / 60))}:${two(m % 60)}`);
  const times = index.days.flatMap(day => clock.map(time => `${day} ${time}`));
  const values = (row, from = 0, to = steps) => {
    const [, , scale, place] = index.rows[row], out = new Float32Array(to - from);
    for (let s = from; s < to; s++) out[s - from] = codes[place * steps + s] * scale;
    return out;
  };
  const found = {...index, steps, ofWeek: 7 * index.ofDay, clock, times, values};
  years.set(year, found);
  return found;
}
const label = key => (SHARED.labels[key] || {})[language] || key;
/* Labels are ready for a figure, where < is &lt;; in a control they are plain text. */
const plain = text => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const escaped = text => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function option(select, value, text) {
  const item = document.createElement("option");
  item.value = value;
  item.textContent = text;
  select.append(item);
}
function fillPlaces(data) {
  const before = controls.place.value;
  controls.place.replaceChildren();
  const groups = {zones: document.createElement("optgroup"), buses: document.createElement("optgroup")};
  groups.zones.label = word("word.zones");
  groups.buses.label = word("word.buses");
  for (const [key, view] of Object.entries(data.views)) {
    const into = view.bus ? groups.buses : view.zone ? groups.zones : controls.place;
    option(into, key, plain(label(key)));
  }
  controls.place.append(groups.zones, groups.buses);
  controls.place.value = before in data.views ? before : Object.keys(data.views)[0];
}
const unitName = unit => plain(label(`unit.${unit}`));
const KINDS = {flow: "", price: "¤ ", store: "▮ "};
/* A row is what it is and its nodes; it is called as in the file or, in Chinese, by their labels. */
const keyOf = row => row[0].join("\n");
const fileName = row => row[0].slice(1).join(" → ");
function rowName(row) {
  if (language === "en") return fileName(row);
  return row[0].slice(1).map(node => plain(label(`node.${node}`))).join(" → ");
}
function fillFlows(data) {
  const before = controls.flow.value;
  const words = controls.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  controls.flow.replaceChildren();
  for (const row of data.rows) {
    const kind = row[0][0];
    if (!(kind in KINDS)) continue;
    const text = rowName(row);
    if (words.every(w => `${kind} ${text} ${fileName(row)}`.toLowerCase().includes(w))) {
      option(controls.flow, keyOf(row), `${KINDS[kind]}${text} [${unitName(row[1])}]`);
      controls.flow.lastChild.title = fileName(row);
    }
  }
  const names = [...controls.flow.options].map(o => o.value);
  const first = keyOf(data.rows[data.first]);
  controls.flow.value = [before, first].find(n => names.includes(n)) || names[0] || "";
}
function weekRange(data) {
  const week = Number(controls.week.value);
  return [(week - 1) * data.ofWeek, Math.min(week * data.ofWeek, data.steps)];
}
function drawDispatch(data) {
  const view = data.views[controls.place.value], [from, to] = weekRange(data);
  const times = data.times.slice(from, to), shown = new Set();
  const traces = view.series.map(([style, row, sign]) => {
    const trace = copy(SHARED.styles[style]), key = trace.name;
    trace.x = times;
    trace.y = Array.from(data.values(row, from, to), v => v * sign);
    trace.name = label(key);
    trace.showlegend = trace.showlegend && !shown.has(key);
    shown.add(key);
    return trace;
  });
  const layout = copy(SHARED.layouts[view.layout][language]);
  layout.height += 19 * Math.max(0, Math.ceil(shown.size / 3) - 4);
  layout.title.text = `${label(controls.place.value)}, ${data.year}, ${word("word.week")} ${controls.week.value}`;
  byId("weekname").textContent = `${controls.week.value} · ${times[0].slice(0, 10)} – ${times[times.length - 1].slice(0, 10)}`;
  return draw(byId("dispatch"), traces, layout);
}
function simpleLayout(title) {
  const layout = copy(SHARED.layouts[0][language]);
  for (const key of Object.keys(layout)) if (/^[xy]axis/.test(key)) delete layout[key];
  const axis = text => ({title: {text, font: {size: 12}}, automargin: true, gridcolor: "#e3e8ec"});
  return {layout: {...layout, height: 420, hovermode: "closest", title: {...layout.title, text: title}}, axis};
}
const rowOf = (data, key) => data.rows.findIndex(row => keyOf(row) === key);
const nameOf = (data, key) => data.rows.filter(row => keyOf(row) === key).map(row => escaped(rowName(row))).join("");

function drawHeat(data) {
  const row = rowOf(data, controls.flow.value);
  if (row < 0) return window.Plotly && Plotly.purge("heat");
  const unit = escaped(unitName(data.rows[row][1])), values = data.values(row);
  const z = data.clock.map((_, s) => data.days.map((_, d) => values[d * data.ofDay + s]));
  const {layout, axis} = simpleLayout(`${nameOf(data, controls.flow.value)}<br>${data.year} [${unit}]`);
  layout.xaxis = {type: "date", tickformat: "%m-%d\n%Y"};
  layout.yaxis = {...axis(word("axis.hour of day")), dtick: 6};
  layout.margin.t = 64;
  const trace = {type: "heatmap", x: data.days, y: data.clock.map((_, s) => s * 24 / data.ofDay), customdata: data.clock.map(time => data.days.map(() => time)), z, colorscale: "Cividis", colorbar: {title: {text: unit}, thickness: 12},
    hovertemplate: `%{x|%Y-%m-%d} %{customdata}<br>%{z:,.2f} ${unit}<extra></extra>`};
  return draw(byId("heat"), [trace], layout);
}
const DURATION = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#2A2A2A"];
async function drawDuration(data) {
  const wanted = controls.all.checked ? [...years.keys()] : [String(data.year)];
  const traces = [];
  let unit = "";
  for (const [place, year] of wanted.entries()) {
    const of = await unpack(year), row = rowOf(of, controls.flow.value);
    if (row < 0) continue;
    unit = escaped(unitName(of.rows[row][1]));
    const sorted = of.values(row).sort().reverse();
    traces.push({type: "scatter", mode: "lines", name: year, showlegend: true, y: Array.from(sorted), line: {width: 2, color: DURATION[place % 7]},
      x: Array.from(sorted, (_, i) => (i + 0.5) / sorted.length * 100), hovertemplate: `%{x:.1f} %: %{y:,.2f} ${unit}`});
  }
  const {layout, axis} = simpleLayout(`${word("figure.duration")}: ${nameOf(data, controls.flow.value)}<br>${wanted.join(", ")} [${unit}]`);
  layout.xaxis = axis(word("axis.share of hours"));
  layout.yaxis = axis(`[${unit}]`);
  layout.margin.t = 64;
  layout.legend.y = -0.2;
  return draw(byId("duration"), traces, layout);
}
function drawSankey(data) {
  const figure = copy(data.sankey[language]);
  return draw(byId("sankey"), figure.data, figure.layout);
}
/* Hours are unpacked and figures drawn when they come near the window; others are marked as old. */
const LAZY = {dispatch: drawDispatch, heat: drawHeat, duration: drawDuration, sankey: drawSankey};
const near = new Set(), old = new Set(Object.keys(LAZY));
let filled = "";
function fillControls(data) {
  if (filled === `${data.year} ${language}`) return;
  filled = `${data.year} ${language}`;
  controls.week.max = Math.ceil(data.steps / data.ofWeek);
  if (Number(controls.week.value) > controls.week.max) controls.week.value = controls.week.max;
  fillPlaces(data);
  fillFlows(data);
}
async function drawNear() {
  if (!near.size) return;
  const data = await unpack(controls.year.value);
  fillControls(data);
  for (const id of [...old].filter(id => near.has(id))) {
    old.delete(id);
    await nextFrame();
    await LAZY[id](data);
    if (id === "dispatch") root.dataset.ready = data.year;
  }
}
const sight = new IntersectionObserver(entries => {
  for (const entry of entries) near[entry.isIntersecting ? "add" : "delete"](entry.target.id);
  drawNear();
}, {rootMargin: "500px"});
Object.keys(LAZY).forEach(id => sight.observe(byId(id)));

function drawAll() {
  Object.keys(LAZY).forEach(id => old.add(id));
  return drawNear();
}
const withYear = draw => async () => draw(await unpack(controls.year.value));
const flowChanged = () => { old.add("heat").add("duration"); return drawNear(); };
[...years.keys()].forEach(year => option(controls.year, year, year));
controls.year.value = [...years.keys()].pop();
controls.year.addEventListener("change", drawAll);
controls.place.addEventListener("change", withYear(drawDispatch));
controls.week.addEventListener("input", withYear(drawDispatch));
controls.flow.addEventListener("change", flowChanged);
controls.all.addEventListener("change", flowChanged);
controls.filter.addEventListener("input", withYear(data => { fillFlows(data); return flowChanged(); }));
for (const [id, step] of [["back", -1], ["forth", 1]])
  byId(id).addEventListener("click", () => {
    controls.week.value = Number(controls.week.value) + step;
    controls.week.dispatchEvent(new Event("input"));
  });
onLanguage.push(drawAll);
