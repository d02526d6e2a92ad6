// (placeholder until merged)
export async function runawayProblem(_source: string): Promise<{ message: string; exponential: boolean } | undefined> {
  return undefined;
}
