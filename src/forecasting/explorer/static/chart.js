// Draws one chart as SVG paths. Every word and the alternative text come from Python.

const COLORS = {
  navy: "#12304F", orange: "#AD4E17", blue: "#2F5F94", grey: "#595959",
  grid: "#DCDCDC", axis: "#8C8C8C", shade: "#F5F5F2",
  bands: ["#DCE8F3", "#B3CEE7", "#7FA8D1"], // widest first
};
const LINE_HEIGHT = 17;
const FONT = "13px 'Source Sans Pro', 'Source Sans 3', 'Segoe UI', system-ui, sans-serif";

const measure = (() => {
  let context = null;
  return (text, bold = false) => {
    context = context || document.createElement("canvas").getContext("2d");
    context.font = bold ? `600 ${FONT}` : FONT;
    return context.measureText(text).width;
  };
})();

function escapeText(text) {
  return String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }[c]));
}

// A number with the signs of the reader's language.
function writeNumber(value, decimals, signs) {
  const [whole, rest] = Math.abs(value).toFixed(decimals).split(".");
  let text = whole.replace(/\B(?=(\d{3})+$)/g, signs.group);
  if (rest) text += signs.decimal + rest;
  return value < 0 && /[1-9]/.test(text) ? `\u2212${text}` : text;
}

function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// Moves places apart to at least `gap`, order kept, least sum of squared moves.
function spread(places, gap, low, high) {
  const order = places.map((_, i) => i).sort((a, b) => places[a] - places[b]);
  const blocks = [];
  order.forEach((index, rank) => {
    let mean = places[index] - rank * gap;
    let count = 1;
    while (blocks.length && blocks[blocks.length - 1][0] >= mean) {
      const [last, n] = blocks.pop();
      mean = (mean * count + last * n) / (count + n);
      count += n;
    }
    blocks.push([mean, count]);
  });
  const top = Math.max(low, high - (places.length - 1) * gap);
  const moved = [];
  let rank = 0;
  for (const [mean, count] of blocks) {
    for (let i = 0; i < count; i += 1, rank += 1) {
      moved[order[rank]] = Math.min(Math.max(mean, low), top) + rank * gap;
    }
  }
  return moved;
}

function niceTicks(top, wanted) {
  const raw = top / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= raw * 0.999);
  const ticks = [];
  for (let i = 0; i * step <= top * 1.0001; i += 1) ticks.push(i * step);
  return { ticks, decimals: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

function maximum(values) {
  return values.reduce((most, value) => (value > most ? value : most), 0);
}

// The axis shows every line and half of the paths; a wider band may be cut, and then says so.
function topOf(chart, data) {
  const lines = (data.lines || []).flatMap((line) => line.values.concat(line.mark ? [line.mark.value] : []));
  const kept = maximum([
    maximum(data.observed), maximum(data.median),
    maximum(chart.reference.median), maximum(data.bands[2][1]), maximum(lines), 1e-9,
  ]);
  const wide = Math.max(maximum(data.bands[0][1]), maximum(chart.reference.upper), kept);
  return Math.min(wide, Math.max(1.15 * kept, Math.min(wide, 1.5 * kept))) * 1.04;
}

function path(xs, ys) {
  return xs.map((x, i) => `${i ? "L" : "M"}${x.toFixed(1)} ${ys[i].toFixed(1)}`).join("");
}

function steps(values, left, right) {
  return values.map((y, i) => `${i ? "L" : "M"}${left(i).toFixed(1)} ${y.toFixed(1)}L${right(i).toFixed(1)} ${y.toFixed(1)}`).join("");
}

function text(x, y, words, { color = COLORS.grey, anchor = "start", bold = false } = {}) {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="${color}" text-anchor="${anchor}"${bold ? ' font-weight="600"' : ""}>${escapeText(words)}</text>`;
}

function endLabels(chart, data, setup, top) {
  const last = data.median.length - 1;
  const write = (value) => writeNumber(value, chart.decimals, setup.signs);
  const words = setup.words;
  const ends = [];
  if (data.same) {
    ends.push({ value: data.median[last], words: fill(words.end_reference, { value: write(data.median[last]) }), color: COLORS.navy, bold: true });
  } else {
    ends.push({ value: data.median[last], words: fill(words.end_scenario, { value: write(data.median[last]) }), color: COLORS.navy, bold: true });
    ends.push({ value: chart.reference.median[last], words: fill(words.end_reference, { value: write(chart.reference.median[last]) }), color: COLORS.grey });
  }
  const upper = data.bands[1][1][last];
  const band = upper > top ? fill(words.band_80_cut, { upper: write(upper) }) : words.band_80;
  ends.push({ value: upper, words: band, color: COLORS.blue });
  for (const line of data.lines || []) {
    const value = line.mark ? line.mark.value : line.values[line.values.length - 1];
    if (value !== null) ends.push({ value, words: line.label, color: COLORS.orange, bold: true });
  }
  return ends;
}

// Where things are: pixels of months (counted from the chart's first) and of values.
function layOut(chart, data, setup, width, height) {
  const top = topOf(chart, data);
  const { ticks, decimals } = niceTicks(top, height > 240 ? 5 : 4);
  const names = ticks.map((tick) => writeNumber(tick, decimals, setup.signs));
  const ends = endLabels(chart, data, setup, top);
  const left = Math.ceil(Math.max(...names.map((name) => measure(name)))) + 10;
  const widest = Math.ceil(Math.max(...ends.map((end) => measure(end.words, end.bold)))) + 14;
  const box = { left, right: width - widest, top: 2 * LINE_HEIGHT, bottom: height - LINE_HEIGHT - 8 };
  const first = chart.observed === null ? chart.first : chart.observed;
  const end = chart.first + data.median.length;
  const perMonth = (box.right - box.left) / (end - first);
  return {
    top, ticks, names, ends, box, first, end, width, height, perMonth,
    x: (month) => box.left + (month - first) * perMonth,
    y: (value) => box.bottom - (Math.min(value, top) / top) * (box.bottom - box.top),
  };
}

function drawFrame(chart, setup, place) {
  const { box, x, y, ticks, names, width } = place;
  const origin = x(chart.first);
  const parts = [`<rect x="${origin.toFixed(1)}" y="${box.top}" width="${(box.right - origin).toFixed(1)}" height="${(box.bottom - box.top).toFixed(1)}" fill="${COLORS.shade}"/>`];
  ticks.forEach((tick, i) => {
    parts.push(`<line x1="${box.left}" x2="${box.right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}" stroke="${tick ? COLORS.grid : COLORS.axis}"/>`);
    parts.push(text(box.left - 6, y(tick) + 4.5, names[i], { anchor: "end" }));
  });
  const shift = setup.first_month - 1; // months of the calendar before the first one
  const yearOf = (month) => setup.first_year + Math.floor((month + shift) / 12);
  const room = measure("2000") + 10;
  const step = [1, 2, 5, 10].find((s) => s * 12 * place.perMonth >= room) || 20;
  for (let year = yearOf(place.first); year <= yearOf(place.end - 1); year += 1) {
    const begin = (year - setup.first_year) * 12 - shift;
    if (begin >= place.first) parts.push(`<line x1="${x(begin).toFixed(1)}" x2="${x(begin).toFixed(1)}" y1="${box.bottom}" y2="${box.bottom + 4}" stroke="${COLORS.axis}"/>`);
    const from = Math.max(begin, place.first);
    const until = Math.min(begin + 12, place.end);
    if (year % step === 0 && (until - from) * place.perMonth >= Math.min(room - 8, 6 * place.perMonth)) {
      parts.push(text((x(from) + x(until)) / 2, box.bottom + 18, year, { anchor: "middle" }));
    }
  }
  parts.push(text(0, 13, chart.unit));
  if (chart.observed !== null) {
    const words = `${setup.words.projection} \u2192`;
    const at = Math.min(Math.max(origin + 5, measure(chart.unit) + 16), width - measure(words));
    parts.push(text(at, 13, words));
    parts.push(`<line x1="${origin.toFixed(1)}" x2="${origin.toFixed(1)}" y1="4" y2="${box.bottom}" stroke="${COLORS.axis}"/>`);
  }
  return parts.join("");
}

function drawBands(chart, data, place) {
  const at = data.median.map((_, i) => place.x(chart.first + i + chart.offset));
  return data.bands.map(([lower, upper], rank) => {
    const there = path(at, upper.map(place.y));
    const back = path([...at].reverse(), [...lower].reverse().map(place.y)).replace("M", "L");
    return `<path d="${there}${back}Z" fill="${COLORS.bands[rank]}"/>`;
  }).join("");
}

function drawLines(chart, data, place) {
  const { x, y } = place;
  const at = data.median.map((_, i) => x(chart.first + i + chart.offset));
  const parts = [];
  if (!data.same) {
    const { median, lower, upper } = chart.reference;
    for (const edge of [lower, upper]) parts.push(`<path d="${path(at, edge.map(y))}" fill="none" stroke="${COLORS.grey}" stroke-width="1" stroke-dasharray="1 4"/>`);
    parts.push(`<path d="${path(at, median.map(y))}" fill="none" stroke="${COLORS.grey}" stroke-width="2" stroke-dasharray="2 3"/>`);
  }
  for (const line of data.lines || []) {
    if (line.mark) {
      const [mx, my] = [x(line.mark.month + 1), y(line.mark.value)];
      parts.push(`<path d="M${place.box.left} ${my.toFixed(1)}H${mx.toFixed(1)}" fill="none" stroke="${COLORS.orange}" stroke-width="1.3"/>`);
      parts.push(diamond(mx, my));
    } else {
      const heights = line.values.map((value) => y(value));
      parts.push(`<path d="${steps(heights, (i) => x(chart.first + i), (i) => x(chart.first + i + 1))}" fill="none" stroke="${COLORS.orange}" stroke-width="2"/>`);
    }
  }
  const history = data.observed;
  const before = history.map((_, i) => x(chart.observed + i + chart.offset));
  const join = history.length ? [[before[before.length - 1]], [y(history[history.length - 1])]] : [[], []];
  parts.push(`<path class="fx-median" d="${path(join[0].concat(at), join[1].concat(data.median.map(y)))}" fill="none" stroke="${COLORS.navy}" stroke-width="2.4" stroke-dasharray="7 4"/>`);
  if (history.length) parts.push(`<path d="${path(before, history.map(y))}" fill="none" stroke="${COLORS.navy}" stroke-width="2"/>`);
  return parts.join("");
}

function diamond(x, y) {
  return `<path d="M${x.toFixed(1)} ${(y - 6).toFixed(1)}l6 6l-6 6l-6 -6Z" fill="${COLORS.orange}" stroke="#fff" stroke-width="1.5"/>`;
}

// Where the median first passes the line: a diamond and the month, kept inside the frame.
function drawCrossing(chart, data, place) {
  if (!data.crossing) return "";
  const { box, x, y } = place;
  const at = x(chart.first + data.crossing.step + 1);
  const height = y(data.crossing.value);
  const half = measure(data.crossing.label, true) / 2;
  const middle = Math.min(Math.max(at, box.left + half + 4), box.right - half - 4);
  const above = height - 14 > box.top + 12;
  const line = above ? height - 14 : height + 24;
  const label = `<text x="${middle.toFixed(1)}" y="${line.toFixed(1)}" fill="${COLORS.orange}" text-anchor="middle" font-weight="600" stroke="#fff" stroke-width="4" stroke-linejoin="round" paint-order="stroke">${escapeText(data.crossing.label)}</text>`;
  return diamond(at, height) + label;
}

function drawEnds(place) {
  const { box, ends } = place;
  const wanted = ends.map((end) => Math.min(Math.max(place.y(end.value), box.top), box.bottom));
  const places = spread(wanted, LINE_HEIGHT, box.top - 6, box.bottom + 4);
  return ends.map((end, i) => {
    const lead = Math.abs(places[i] - wanted[i]) > 3
      ? `<line x1="${box.right + 1}" x2="${box.right + 9}" y1="${wanted[i].toFixed(1)}" y2="${places[i].toFixed(1)}" stroke="#A6A6A6"/>` : "";
    return lead + text(box.right + 12, places[i] + 4.5, end.words, { color: end.color, bold: end.bold });
  }).join("");
}

function drawChart(svg, chart, data, setup, width) {
  const height = width < 420 ? 220 : 270;
  const place = layOut(chart, data, setup, width, height);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("width", width);
  svg.setAttribute("height", height);
  svg.setAttribute("aria-label", data.alt);
  svg.innerHTML = drawFrame(chart, setup, place) + drawBands(chart, data, place)
    + drawLines(chart, data, place) + drawCrossing(chart, data, place) + drawEnds(place)
    + '<line class="fx-cursor" hidden="hidden"/>';
  return place;
}
