// The regular expressions for names of files.

/** Matches the whole name. @throws SyntaxError */
export function wholeName(pattern: string): RegExp {
  return new RegExp(`^(?:${new RegExp(pattern).source})$`);
}

/** Whether the expression has a group called `partner`. @throws SyntaxError */
export function namesPartner(pattern: string): boolean {
  return hasGroup(pattern, 'partner');
}

/** Whether the expression has a group of this name. @throws SyntaxError */
export function hasGroup(pattern: string, name: string): boolean {
  const groups = new RegExp(`${new RegExp(pattern).source}|`).exec('')?.groups;
  return groups !== undefined && name in groups;
}
