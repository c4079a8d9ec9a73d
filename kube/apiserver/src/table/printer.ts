import type { KubeObject } from '@flux/apimachinery';

/** metav1.TableColumnDefinition. */
export interface TableColumn {
  name: string;
  type: string;
  format: string;
  description: string;
  priority: number;
}

/** Shows objects of one kind as rows of `kubectl get`. */
export interface TablePrinter {
  columns: readonly TableColumn[];
  cells(object: KubeObject, now: Date): unknown[];
  conditions?(object: KubeObject): unknown[] | undefined;
}
