// The regular expression for names of files.

/** Matches the whole name. @throws SyntaxError */
export function wholeName(pattern: string): RegExp {
  return new RegExp(`^(?:${new RegExp(pattern).source})$`);
}

/** Whether the expression has a group called `partner`. @throws SyntaxError */
export function namesPartner(pattern: string): boolean {
  const groups = new RegExp(`${new RegExp(pattern).source}|`).exec('')?.groups;
  return groups !== undefined && 'partner' in groups;
}
