// The foot of what is read. Whoever is there stays there as more comes; whoever reads above is left there, and told.

const NEAR = 120; // pixels that still count as the foot

/** Keeps `log` at its foot for whom reads there; `below` is the button that says that there is more, and leads there. */
export class Foot {
  constructor(log, below) {
    this.log = log;
    this.below = below;
    this.reading = true;
    const follow = () => { if (this.reading) this.go(); };
    log.addEventListener("scroll", () => {
      this.reading = this.isNear();
      if (this.reading) below.hidden = true;
    });
    new ResizeObserver(follow).observe(log); // the box below grows, or the window shrinks
    for (const event of ["load", "loadedmetadata"]) log.addEventListener(event, follow, true); // a picture comes
    below.addEventListener("click", () => {
      this.go();
      log.focus({ preventScroll: true });
    });
  }

  isNear() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR;
  }

  go() {
    this.log.scrollTop = this.log.scrollHeight;
    this.reading = true;
    this.below.hidden = true;
  }

  /** Something has come below of what is read. */
  more() {
    this.below.hidden = false;
  }
}
