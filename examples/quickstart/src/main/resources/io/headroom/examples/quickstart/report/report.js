// Tells the figures of the second under the pointer, in all charts at once.
document.documentElement.classList.add('js');
const charts = [...document.querySelectorAll('.plot[data-at]')].map(plot => ({
  cross: plot.querySelector('.cross'),
  hover: plot.querySelector('.hover'),
  readout: plot.parentElement.querySelector('.readout'),
  at: JSON.parse(plot.dataset.at),
  say: plot.dataset.say.split('|'),
}));
const nearest = (at, x) =>
  at.reduce((best, it, i) => (Math.abs(at[best] - x) > Math.abs(it - x) ? i : best), 0);
const show = (chart, x) => {
  const i = nearest(chart.at, x);
  chart.cross.setAttribute('x1', chart.at[i] + '%');
  chart.cross.setAttribute('x2', chart.at[i] + '%');
  chart.cross.style.visibility = 'visible';
  chart.readout.textContent = chart.say[i];
};
const hide = chart => {
  chart.cross.style.visibility = 'hidden';
  chart.readout.textContent = '\u00a0';
};
charts.forEach(({ hover }) => {
  hover.addEventListener('pointermove', event => {
    const box = hover.getBoundingClientRect();
    const x = (100 * (event.clientX - box.left)) / box.width;
    charts.forEach(chart => show(chart, x));
  });
  hover.addEventListener('pointerleave', () => charts.forEach(hide));
});
