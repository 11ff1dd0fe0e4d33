// The curve of people reached: begun with what the server has, kept up by the change feed. The table beside it says the same.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("curve");
  if (!place || !window.uPlot) return;
  const tall = 160;
  const whole = [1, 2, 5].flatMap((first) => [1, 10, 100, 1000, 10000].map((times) => first * times)).sort((a, b) => a - b);
  let plot = null;
  let shown = null;

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function draw(curve) {
    const data = [curve.at, curve.reached];
    shown = curve;
    if (plot) {
      plot.setData(data);
      return;
    }
    if (curve.at.length < 2) return;
    const axis = { stroke: colour("--pico-color"), grid: { stroke: colour("--pico-muted-border-color"), width: 1 }, size: 60 };
    const clock = (_plot, times) => times.map((time) => new Date(time * 1000).toLocaleTimeString(document.documentElement.lang, { timeZone: place.dataset.zone, hourCycle: "h23" }));
    plot = new uPlot(
      {
        width: place.clientWidth,
        height: tall,
        cursor: { show: false },
        legend: { show: false },
        scales: { y: { range: (_plot, _least, most) => [0, Math.max(1, most)] } },
        axes: [{ ...axis, size: 30, space: 80, values: clock }, { ...axis, incrs: whole }],
        series: [{}, { label: place.dataset.label, stroke: colour("--pico-primary"), width: 2, fill: colour("--pico-primary-focus") }],
      },
      data,
      place,
    );
  }

  // Light and dark have colours of their own.
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    if (!plot) return;
    plot.destroy();
    plot = null;
    draw(shown);
  });
  window.addEventListener("resize", () => plot && plot.setSize({ width: place.clientWidth, height: tall }));
  document.addEventListener("htmx:sseMessage", (event) => {
    if (event.detail.type === "curve") draw(JSON.parse(event.detail.data));
  });
  fetch(place.dataset.source, { credentials: "same-origin" })
    .then((answer) => (answer.ok ? answer.json() : { at: [], reached: [] }))
    .then(draw);
});
