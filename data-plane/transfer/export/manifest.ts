/** A clinic that is exported, as the cell knows it. */
export interface ExportedClinic {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly vertical: string;
  readonly timeZone: string;
  readonly state: string;
}

/** A clinic with its rows by `schema.table`. */
export type CountedClinic = ExportedClinic & {
  readonly rows: number;
  readonly tables: Readonly<Record<string, number>>;
};

/** `manifest.json` of an export (docs/formats.md, "Export"). */
export interface ExportManifest {
  readonly format: 'ringfence-export';
  readonly version: 1;
  readonly id: string;
  readonly createdAt: Date;
  readonly tool: { readonly name: 'ringfence'; readonly version: string };
  readonly schemaVersion: string;
  readonly tenant: { readonly id: string; readonly slug: string; readonly legalName: string };
  /** Every clinic of the tenant is in it. */
  readonly complete: boolean;
  readonly rows: number;
  readonly clinics: readonly CountedClinic[];
}
