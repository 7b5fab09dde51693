(function () {
  'use strict';
  var usage = JSON.parse(document.getElementById('usage').textContent);
  var place = document.getElementById('chart');
  if (!usage.hours.length) {
    return;
  }
  var hours = usage.hours.map(function (hour) { return Date.parse(hour.start) / 1000; });
  var requests = usage.hours.map(function (hour) { return hour.requests; });
  var billable = usage.hours.map(function (hour) { return hour.billable; });
  // Drawn over each other, the widest sum first: what shows of it is the refused on top of the billable.
  var refused = usage.hours.map(function (hour) { return hour.billable + hour.refused; });
  var drawn = null;

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function series(label, name, shown) {
    return { label: label, fill: colour(name), stroke: colour(name), width: 0, points: { show: false },
      paths: uPlot.paths.bars({ size: [0.8, 24], align: 1 }),
      value: function (self, raw, at, index) { return index == null ? '–' : String(shown(index)); } };
  }

  function tick(seconds) {
    var text = new Date(seconds * 1000).toISOString();
    return text.slice(11, 16) === '00:00' ? text.slice(0, 10) : text.slice(11, 16);
  }

  function draw() {
    if (drawn) {
      drawn.destroy();
    }
    var grid = { stroke: colour('--line'), width: 1 };
    drawn = new uPlot({
      width: place.parentElement.clientWidth, height: 260,
      tzDate: function (seconds) { return uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'); },
      scales: { x: { range: [hours[0], hours[hours.length - 1] + 3600] }, y: { range: function (self, min, max) { return [0, Math.max(1, max * 1.1)]; } } },
      axes: [{ stroke: colour('--faint'), grid: { show: false }, ticks: grid, values: function (self, splits) { return splits.map(tick); } }, { stroke: colour('--faint'), grid: grid, ticks: grid, size: 64 }],
      series: [
        { label: 'Hour (UTC)', value: function (self, raw) { return raw == null ? '–' : new Date(raw * 1000).toISOString().slice(0, 16).replace('T', ' '); } },
        series('Requests', '--other', function (at) { return requests[at]; }),
        series('Refused', '--refused', function (at) { return usage.hours[at].refused; }),
        series('Billable', '--billable', function (at) { return billable[at]; })
      ]
    }, [hours, requests, refused, billable], place);
  }

  draw();
  addEventListener('resize', draw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
}());
