/** Forms in which a recording is exported. */
export const EXPORT_FORMATS = ['pcapng', 'pcap', 'keys', 'ladder', 'svg', 'jsonl'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];
