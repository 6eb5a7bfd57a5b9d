"use strict";
/* What is wrong, said in the language of the page. */

const Faults = (() => {
    const { words } = Words;

    function told({ field, found, allowed, suggestion }) {
        const what = allowed ? words("fault", { found, allowed }) : words("fault_only", { found });
        const near = suggestion ? ` ${words("did_you_mean", { suggestion })}` : "";
        return `${field ? `${words("fault_elsewhere", { field })} ` : ""}${what}${near}`;
    }

    return { told };
})();
