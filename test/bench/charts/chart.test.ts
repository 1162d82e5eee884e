import { expect } from 'chai';
import { type Chart, chartSvg, chartWidth } from '../../../bench/charts/chart.js';

const chart: Chart = {
  title: 'Disk & "memory" <of> it',
  says: ['one', 'two'],
  x: { quantity: 'count', title: 'Messages handled' },
  marks: [{ x: 5_000_000, name: 'at the very end of the chart' }],
  panels: [
    {
      title: 'Size',
      quantity: 'MB',
      height: 100,
      limit: { value: 50, name: 'the limit' },
      layers: [
        {
          name: 'first',
          kind: 'area',
          colour: '#336699',
          points: [
            [0, 10],
            [5_000_000, 10],
          ],
        },
        {
          name: 'second',
          kind: 'area',
          colour: '#993366',
          points: [
            [0, 20],
            [5_000_000, 30],
          ],
        },
      ],
    },
    {
      title: 'Rate',
      quantity: 'count',
      height: 80,
      layers: [
        {
          name: 'rate',
          kind: 'line',
          colour: '#339966',
          points: [
            [0, 1],
            [5_000_000, 2],
          ],
        },
      ],
    },
  ],
};

/** The texts of a picture, with where they begin and end if a sign is as wide as its font is high, by two thirds. */
function textsOf(svg: string): { text: string; from: number; to: number; y: number }[] {
  return [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"([^>]*)>([^<]*)<\/text>/g)].map((match) => {
    const [, x, y, style = '', text = ''] = match;
    const size = Number(/font-size="([\d.]+)"/.exec(style)?.[1] ?? 12);
    const width = text.replace(/&\w+;/g, '.').length * size * 0.67;
    const anchor = /text-anchor="(\w+)"/.exec(style)?.[1];
    const before = anchor === 'end' ? width : anchor === 'middle' ? width / 2 : 0;
    return { text, from: Number(x) - before, to: Number(x) - before + width, y: Number(y) };
  });
}

describe('a chart', () => {
  const svg = chartSvg(chart);

  it('keeps every text inside the picture (C1)', () => {
    const height = Number(/viewBox="0 0 \d+ ([\d.]+)"/.exec(svg)?.[1]);
    const texts = textsOf(svg);
    expect(texts.length).to.be.greaterThan(20);
    for (const { text, from, to, y } of texts) {
      expect(from, text).to.be.at.least(0);
      expect(to, text).to.be.at.most(chartWidth);
      expect(y, text).to.be.within(12, height - 4);
    }
  });

  it('names what is measured, in which unit, what the colours mean, and the limit', () => {
    const texts = textsOf(svg).map(({ text }) => text);
    for (const text of ['Size, MB', 'Rate', 'Messages handled, millions', 'first', 'second', 'the limit']) {
      expect(texts).to.include(text);
    }
    expect(texts.filter((text) => text === 'at the very end of the chart')).to.have.length(1);
  });

  it('stacks areas on each other', () => {
    const tops = [...svg.matchAll(/<path d="M64 ([\d.]+)L832 ([\d.]+)" fill="none"/g)].map((match) => Number(match[2]));
    const base = Number(/y1="([\d.]+)"[^>]*stroke="#9aa4ae"/.exec(svg)?.[1]);
    const [second = 0, first = 0] = tops;
    expect((base - second) / (base - first)).to.be.closeTo(4, 0.01);
  });

  it('escapes what it is given, and is the same for the same data (C2)', () => {
    expect(svg).to.include('Disk &amp; &quot;memory&quot; &lt;of&gt; it').and.not.include('<of>');
    expect(chartSvg(structuredClone(chart))).to.equal(svg);
  });

  it('draws powers, with a mark at each point that was measured by itself', () => {
    const points = [1, 10, 100].map((x): [number, number] => [x, 5 * x]);
    const layers = [{ name: 'line', kind: 'line', colour: '#336699', points, isDotted: true }] as const;
    const picture = chartSvg({
      title: 'Powers',
      says: [],
      x: { quantity: points.map(([value]) => ({ value, label: `${value} of them` })), title: 'How many' },
      panels: [{ title: 'Cost', quantity: { powersOf: 'us' }, height: 100, layers }],
    });
    const at = (name: string) =>
      [...picture.matchAll(new RegExp(` ${name}="([\\d.]+)"`, 'g'))].map(([, value]) => Number(value));
    expect(at('cx')).to.deep.equal([64, 448, 832]);
    const [first = 0, second = 0, third = 0] = at('cy');
    expect(first - second).to.be.closeTo(second - third, 0.02);
    const texts = textsOf(picture).map(({ text }) => text);
    for (const text of ['Cost, us', '1 of them', '100 of them', '500', 'How many']) expect(texts).to.include(text);
  });

  it('refuses to draw nothing', () => {
    expect(() => chartSvg({ ...chart, panels: [] })).to.throw(/no points/);
  });
});
