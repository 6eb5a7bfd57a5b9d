// The steps of a chapter: a picture, its title, and what leads from one step to the next.

function part(parent, name, attributes = {}) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.append(element);
  return element;
}

export default {
  render({ model, el }) {
    el.classList.add("steps-widget");
    const picture = part(el, "img");
    const row = part(el, "div", { class: "steps-widget-row" });
    const back = part(row, "button", { type: "button", "aria-label": "Step before" });
    const slider = part(row, "input", { type: "range", min: 0, max: model.get("names").length - 1, step: 1 });
    const next = part(row, "button", { type: "button", "aria-label": "Step after" });
    const title = part(row, "output");
    back.textContent = "◀";
    next.textContent = "▶";
    let address = "";

    const place = () => model.get("names").indexOf(model.get("step"));
    const go = (number) => {
      const names = model.get("names");
      model.set("step", names[Math.min(Math.max(number, 0), names.length - 1)]);
      model.save_changes();
    };
    const tell = () => {
      const number = place();
      const words = model.get("titles")[number];
      slider.value = number;
      slider.setAttribute("aria-label", words);
      slider.setAttribute("aria-valuetext", `${number + 1}: ${words}`);
      title.textContent = `${number + 1}. ${words}`;
      back.disabled = number === 0;
      next.disabled = number === model.get("names").length - 1;
    };
    const draw = () => {
      URL.revokeObjectURL(address);
      address = URL.createObjectURL(new Blob([model.get("picture")], { type: "image/png" }));
      picture.src = address;
      picture.alt = model.get("titles")[place()];
    };

    back.addEventListener("click", () => go(place() - 1));
    next.addEventListener("click", () => go(place() + 1));
    slider.addEventListener("input", () => go(Number(slider.value)));
    model.on("change:step", tell);
    model.on("change:picture", draw);
    tell();
    draw();
    return () => URL.revokeObjectURL(address);
  },
};
