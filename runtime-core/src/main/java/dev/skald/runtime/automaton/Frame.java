package dev.skald.runtime.automaton;

/** Where texts go on when the rule that they are in ends: one or several nodes, each within a frame of its own. */
final class Frame {
    /** A text that has come to the end of the root is whole. */
    static final Frame BOTTOM = new Frame(0, 0, new Node[0], new Frame[0]);

    final int id;
    final int depth;
    final Node[] nodes;
    final Frame[] frames;

    Frame(int id, int depth, Node[] nodes, Frame[] frames) {
        this.id = id;
        this.depth = depth;
        this.nodes = nodes;
        this.frames = frames;
    }
}
