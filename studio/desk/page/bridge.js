"use strict";
/* The way to the desk: wishes go there as JSON, what it tells comes as facts and a body of bytes. */

const Bridge = (() => {
    const AGAIN = 1000; // milliseconds until another try
    const listeners = new Map();
    let socket = null;

    /** Call an action for each message of a kind, with its facts and its body. */
    function on(kind, action) {
        listeners.set(kind, [...(listeners.get(kind) ?? []), action]);
    }

    function tell(kind, facts = {}, body = null) {
        for (const action of listeners.get(kind) ?? []) action(facts, body);
    }

    function wish(what, given = {}) {
        if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ do: what, ...given }));
    }

    function heard({ data }) {
        const lengths = new DataView(data);
        const [head, body] = [lengths.getUint32(0), lengths.getUint32(4)];
        const facts = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 8, head)));
        tell(facts.is, facts, new Uint8Array(data, 8 + head, body));
    }

    function connect() {
        socket = new WebSocket(`ws://${location.host}/desk`);
        socket.binaryType = "arraybuffer";
        socket.addEventListener("message", heard);
        socket.addEventListener("open", () => tell("found"));
        socket.addEventListener("close", () => {
            tell("lost");
            setTimeout(connect, AGAIN);
        });
    }

    return { on, wish, connect };
})();
