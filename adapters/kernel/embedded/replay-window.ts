/** The receiver's defence against repeated packets: RFC 4303 3.4.3, appendix A of RFC 2401 for the method. */

/** How far back a packet may be late. RFC 4303 3.4.3 asks for 32 and prefers 64. */
export const REPLAY_WINDOW = 64;

/** 64 bits in two 32-bit halves: no big integers, and small enough to have one in each inbound SA. */
export class ReplayWindow {
  private top = 0;
  /** Bit n: `top - n` was seen. */
  private recent = 0;
  /** Bit n: `top - 32 - n` was seen. */
  private earlier = 0;

  /** Whether the number may still be new. Nothing changes: the packet has not proved itself yet. */
  verdict(sequence: number): 'new' | 'duplicate' | 'too-old' {
    // Zero is never sent: the counter starts at 1 (RFC 4303 3.3.3).
    if (sequence === 0) return 'too-old';
    const age = this.top - sequence;
    if (age < 0) return 'new';
    if (age >= REPLAY_WINDOW) return 'too-old';
    const seen = age < 32 ? this.recent & (1 << age) : this.earlier & (1 << (age - 32));
    return seen === 0 ? 'new' : 'duplicate';
  }

  /** Marks a number as seen; only after the ICV was right (RFC 4303 3.4.3). */
  mark(sequence: number): void {
    const ahead = sequence - this.top;
    if (ahead > 0) {
      this.slide(ahead);
      this.top = sequence;
      this.recent |= 1;
    } else if (ahead > -32) {
      this.recent |= 1 << -ahead;
    } else if (ahead > -REPLAY_WINDOW) {
      this.earlier |= 1 << (-ahead - 32);
    }
  }

  private slide(by: number): void {
    if (by >= REPLAY_WINDOW) {
      this.recent = 0;
      this.earlier = 0;
    } else if (by >= 32) {
      this.earlier = this.recent << (by - 32);
      this.recent = 0;
    } else {
      this.earlier = (this.earlier << by) | (this.recent >>> (32 - by));
      this.recent <<= by;
    }
  }
}
