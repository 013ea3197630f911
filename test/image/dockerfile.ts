/** What a Dockerfile with a stage named `build` and a last one without a name says. */
export interface Dockerfile {
  /** Shell lines of the build stage, in order. */
  build: string[];
  /** Paths below /app that the image takes from the build. */
  kept: string[];
  env: Record<string, string>;
  /** The number behind USER. */
  user: number;
  command: string[];
  healthCheck: string[];
}

interface Instruction {
  name: string;
  rest: string;
}

/** @throws Error when the image is made in a way this does not follow: then the check would look at something else */
export function readDockerfile(text: string): Dockerfile {
  const stages = stagesOf(instructionsOf(text));
  const [build = [], image = []] = stages;
  if (stages.length !== 2) throw new Error('the Dockerfile has other stages than build and image');
  const restOf = (name: string) => image.filter((one) => one.name === name).map(({ rest }) => rest);
  const one = (name: string) => {
    const [rest, ...more] = restOf(name);
    if (rest === undefined || more.length > 0) throw new Error(`the image has not one ${name}`);
    return rest;
  };
  return {
    build: build.filter(({ name }) => name === 'RUN').map(({ rest }) => rest),
    kept: restOf('COPY').map((rest) => /^--from=build \/app\/(\S+) \.\/\1?$/.exec(rest)?.[1] ?? unread(rest)),
    env: Object.fromEntries(
      one('ENV')
        .split(/\s+/)
        .map((pair) => pair.split('=', 2) as [string, string]),
    ),
    user: Number(/^(\d+):\d+$/.exec(one('USER'))?.[1] ?? unread('USER')),
    command: list(one('CMD')),
    healthCheck: list(/CMD (\[.*\])$/.exec(one('HEALTHCHECK'))?.[1] ?? unread('HEALTHCHECK')),
  };
}

/** Lines that belong together are one; comments are none, also between them. */
function instructionsOf(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line));
  const whole = lines.join('\n').replaceAll(/\\\n\s*/g, '');
  return whole.split('\n').map((line) => {
    const [name = '', ...rest] = line.split(' ');
    return { name, rest: rest.join(' ') };
  });
}

function stagesOf(instructions: readonly Instruction[]): Instruction[][] {
  const stages: Instruction[][] = [];
  for (const one of instructions) {
    if (one.name === 'FROM') stages.push([]);
    else stages.at(-1)?.push(one);
  }
  return stages;
}

function list(json: string): string[] {
  return JSON.parse(json) as string[];
}

function unread(what: string): never {
  throw new Error(`the Dockerfile says what this cannot follow: ${what}`);
}
