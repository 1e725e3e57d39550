"use strict";
/* Language, figures of the pathway, searchable tables. */
const read = id => JSON.parse(document.getElementById(id).textContent);
const WORDS = read("words"), CHARTS = read("charts"), SHARED = read("shared");
const CONFIG = {displaylogo: false, responsive: true, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "sendChartToCloud"]};
const root = document.documentElement;
let language = "en";
const word = key => WORDS[language][key];
const onLanguage = [];
const copy = thing => JSON.parse(JSON.stringify(thing));

/* The map of a year is read when it is drawn; its words are laid over it. */
const mapYear = document.getElementById("mapyear");
function mapChart() {
  const {data, layout, texts} = read(`map-${mapYear.value}`), told = texts[language];
  data.forEach((trace, i) => Object.assign(trace, told.traces[i]));
  layout.title.text = told.title;
  layout.annotations = told.annotations;
  [layout.xaxis.title.text, layout.yaxis.title.text] = told.axes;
  return {data, layout};
}
/* Plotly is most of the page: it is evaluated for the first figure, so that the text stands before.
   It says its own words by a locale; a page without network has nothing to share. */
function evaluatePlotly() {
  const script = document.createElement("script");
  script.textContent = document.getElementById("plotly").textContent;
  document.head.append(script);
  Plotly.register({moduleType: "locale", name: "zh-CN", dictionary: WORDS.zh.plotly, format: {}});
}
/* A figure keeps its height: plotly takes that of its element whenever the window changes. */
function draw(figure, traces, layout) {
  if (!window.Plotly) evaluatePlotly();
  figure.style.height = `${layout.height}px`;
  return Plotly.react(figure, traces, layout, CONFIG);
}
function drawChart(figure) {
  const chart = "map" in figure.dataset ? mapChart() : copy(CHARTS[language][figure.dataset.chart]);
  figure.dataset.drawn = language;
  return draw(figure, chart.data, chart.layout);
}
/* Figures are drawn when they come near the window, one a frame: the page answers in between. */
const nextFrame = () => new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
let drawing = Promise.resolve();
const seen = new IntersectionObserver(entries => {
  for (const {isIntersecting, target} of entries)
    if (isIntersecting) drawing = drawing.then(nextFrame).then(() => target.dataset.drawn === language || drawChart(target));
}, {rootMargin: "400px"});
const figures = [...document.querySelectorAll("[data-chart], [data-map]")];
figures.forEach(figure => seen.observe(figure));
onLanguage.push(() => figures.filter(f => f.dataset.drawn).forEach(drawChart));
if (mapYear) mapYear.addEventListener("change", () => drawChart(document.getElementById("map")));
window.addEventListener("beforeprint", () => figures.forEach(drawChart));

/* What no two languages fit into: the title of the page, options, names of controls. */
function tellWords() {
  document.title = word("title");
  for (const item of document.querySelectorAll("[data-text]")) item.textContent = word(item.dataset.text);
  for (const control of document.querySelectorAll("[data-label]")) {
    control.setAttribute("aria-label", word(control.dataset.label));
    if (control.type === "search") control.placeholder = word(control.dataset.label);
  }
}
tellWords();
function setLanguage(wanted) {
  language = wanted;
  root.dataset.language = wanted;
  CONFIG.locale = root.lang = wanted === "zh" ? "zh-CN" : "en";
  tellWords();
  onLanguage.forEach(redraw => redraw());
}
document.getElementById("language").addEventListener("click", () => setLanguage(language === "en" ? "zh" : "en"));

/* A table shows the rows that hold every word of the search and are in the state that is chosen. */
function filterTable(table) {
  const search = document.querySelector(`[data-filter="${table.id}"]`).value.toLowerCase().split(/\s+/).filter(Boolean);
  const only = document.querySelector(`[data-only="${table.id}"]`);
  const choice = document.querySelector(`[data-choose="${table.id}"]`);
  for (const row of table.tBodies[0].rows) {
    const text = `${row.textContent} ${row.title}`.toLowerCase();
    const visible = search.every(part => text.includes(part))
      && !(only && only.checked && !["upper", "lower"].includes(row.dataset.state))
      && !(choice && choice.value && row.dataset.state !== choice.value);
    row.hidden = !visible;
  }
}
for (const id of ["reasontable", "sourcetable"]) {
  const table = document.getElementById(id);
  const count = () => document.querySelector(`[data-count="${id}"]`).textContent =
    `${[...table.tBodies[0].rows].filter(row => !row.hidden).length} / ${table.tBodies[0].rows.length} ${word("word.rows shown")}`;
  document.querySelectorAll(`[data-filter="${id}"], [data-only="${id}"], [data-choose="${id}"]`)
    .forEach(control => control.addEventListener("input", () => { filterTable(table); count(); }));
  onLanguage.push(count);
  count();
}
