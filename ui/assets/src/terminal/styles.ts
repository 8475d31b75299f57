// xterm writes its styles as <style> elements and style attributes, which the panel's
// content policy does not allow (style-src 'self'). The policy does allow what a script
// gives the browser as objects (CSSOM): so, on the terminal's page alone, the elements
// that xterm makes hand their text to a constructed style sheet, and a span's style
// attribute to its style object. The policy stays as it is on every other page.
export function stylesAsObjects(): void {
  const create = document.createElement.bind(document) as (name: string, options?: ElementCreationOptions) => HTMLElement;
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    if (name !== "style") return create(name, options);
    const element = create("template"); // shows nothing; an empty <style> would be refused, too
    adopt(element);
    return element;
  }) as typeof document.createElement;
  const set = Element.prototype.setAttribute;
  HTMLSpanElement.prototype.setAttribute = function (this: HTMLSpanElement, name: string, value: string): void {
    if (name === "style") this.style.cssText = value;
    else set.call(this, name, value);
  };
}

/** adopt lets an element stand for a sheet of the text that it is given. */
function adopt(element: HTMLElement): void {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  let text = "";
  Object.defineProperty(element, "textContent", { get: () => text, set: (value: string) => sheet.replaceSync((text = value)) });
  const remove = element.remove.bind(element);
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== sheet);
    remove();
  };
}
