/** A section of strongSwan's files: values and sections by name. */
export interface Section {
  readonly [name: string]: string | number | Section;
}

export function renderSection(section: Section, indent = ''): string {
  return Object.entries(section)
    .map(([name, value]) =>
      typeof value === 'object'
        ? `${indent}${name} {\n${renderSection(value, `${indent}  `)}${indent}}\n`
        : `${indent}${name} = ${String(value)}\n`,
    )
    .join('');
}
