/** The JSON that the document contains in the script element of this id; undefined if there is none. */
export function embedded<T>(id: string): T | undefined {
  const text = document.getElementById(id)?.textContent;
  return text == null || text === '' ? undefined : (JSON.parse(text) as T);
}
