import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * A process of its own for work that must not disturb the caller: other libraries, a crash, memory to be measured. The module gets
 * its order as arguments or as its first message, sends messages, and ends. Doctor, comparisons and `bench --deploy` use this.
 */

/** What to start, and what to tell it. */
export interface ChildPlan<Message> extends ForkOptions {
  /** URL of the module that the process runs. */
  readonly module: URL;
  readonly args?: readonly string[];
  /** First message to the process. Default: none. */
  readonly order?: object;
  /** Called with the process once it has been started. */
  onStart?(child: ChildProcess): void;
  /** Called with each message, as it comes. */
  onMessage?(message: Message): void;
}

/** How a process ended. */
export interface ChildEnd<Message> {
  /** Its last message; undefined if it sent none. */
  readonly answer: Message | undefined;
  /** `exit code 1`, `killed by SIGKILL`, … */
  readonly how: string;
  /** Why it could not be started or told its order. */
  readonly error?: Error | undefined;
}

/** Runs a process to its end. Never rejects. */
export function runChild<Message>(plan: ChildPlan<Message>): Promise<ChildEnd<Message>> {
  const { module, args = [], order, onStart, onMessage, ...options } = plan;
  const child = fork(fileURLToPath(module), [...args], options);
  onStart?.(child);
  return new Promise((settle) => {
    let answer: Message | undefined;
    let error: Error | undefined;
    child.on('message', (message) => {
      answer = message as Message;
      onMessage?.(answer);
    });
    child.on('error', (failure) => {
      error = failure;
      // A process that could not be started never closes.
      if (child.pid === undefined) settle({ answer, how: 'not started', error });
    });
    // Not on exit: the last message may be read only after that.
    child.on('close', (code, signal) =>
      settle({ answer, how: signal ? `killed by ${signal}` : `exit code ${code}`, error }),
    );
    if (order)
      child.send(order, (failure) => {
        if (failure) error = failure;
      });
  });
}
