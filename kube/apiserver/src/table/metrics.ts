import type { KubeObject } from '@flux/apimachinery';
import { type Fields, list } from '../strategies/fields.ts';

/** Cuts to a width as the API server does for addresses of load balancers. */
export function shorten(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 3)}...` : text;
}

const unknown = '<unknown>';

/** The TARGETS cell of a HorizontalPodAutoscaler: current and wanted value of up to two metrics. */
export function hpaMetrics({ spec, status }: KubeObject): string {
  const metrics = list(spec.metrics);
  if (metrics.length === 0) return '<none>';
  const texts = metrics.map((metric, index) => formatMetric(metric, list(status?.currentMetrics)[index]));
  return texts.length > 2 ? `${texts.slice(0, 2).join(', ')} + ${texts.length - 2} more...` : texts.join(', ');
}

function formatMetric(metric: Fields, current: Fields | undefined): string {
  switch (metric['type']) {
    case 'Resource':
      return formatResource(metric['resource'], current?.['resource']);
    case 'ContainerResource':
      return formatResource(metric['containerResource'], current?.['containerResource']);
    case 'Pods':
      return `${current?.['pods']?.current?.averageValue ?? unknown}/${metric['pods'].target.averageValue}`;
    case 'Object':
    case 'External': {
      const source = metric['type'].toLowerCase();
      const { target } = metric[source];
      const value = current?.[source]?.current;
      if (target.averageValue !== undefined) return `${value?.averageValue ?? unknown}/${target.averageValue} (avg)`;
      return `${value?.value ?? unknown}/${target.value}`;
    }
    default:
      return '<unknown type>';
  }
}

function formatResource({ name, target }: Fields, current: Fields | undefined): string {
  const value = current?.['current'] ?? {};
  if (target.averageValue !== undefined) return `${name}: ${value.averageValue ?? unknown}/${target.averageValue}`;
  const used = value.averageUtilization === undefined ? unknown : `${value.averageUtilization}%`;
  const wanted = target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`;
  return `${name}: ${used}/${wanted}`;
}
