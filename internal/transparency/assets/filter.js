// Filters and sorts what is on the page. The choice stands in the address, so that it can be shared and the back button
// works. Without this script every row is shown.
"use strict";
(() => {
  const form = document.getElementById("filters");
  const status = document.getElementById("status");
  const texts = status ? status.dataset : { sort: "" };

  const choices = () => {
    const out = {};
    for (const select of form.querySelectorAll("select")) if (select.value) out[select.name] = select.value;
    return out;
  };

  const fits = (element, chosen) =>
    Object.entries(chosen).every(([name, value]) => !element.dataset[name] || element.dataset[name] === value);

  const show = () => {
    const chosen = choices();
    const any = Object.keys(chosen).length > 0;
    let requests = 0, rows = 0;
    for (const sheet of document.querySelectorAll(".sheet[data-dimensions]")) {
      const dimensions = sheet.dataset.dimensions.split(" ");
      let left = 0;
      for (const row of sheet.querySelectorAll("tbody tr")) {
        row.hidden = any && !fits(row, chosen);
        if (row.hidden) continue;
        left++;
        if (row.dataset.n) { requests += Number(row.dataset.n); rows++; }
      }
      const lost = Object.keys(chosen).some((name) => !dimensions.includes(name));
      remark(sheet, left === 0 ? texts.nothing : lost ? texts.notSplit : "");
    }
    for (const long of document.querySelectorAll("details.long")) if (any) long.open = true;
    for (const part of document.querySelectorAll(".part[data-outcome]")) part.classList.toggle("off", any && !fits(part, chosen));
    const number = new Intl.NumberFormat(document.documentElement.lang);
    status.textContent = any ? texts.text.replace("{0}", number.format(requests)).replace("{1}", number.format(rows)) : "";
  };

  const remark = (sheet, text) => {
    let p = sheet.querySelector(".covers");
    if (!p && !text) return;
    if (!p) {
      p = document.createElement("p");
      p.className = "covers";
      sheet.append(p);
    }
    p.hidden = !text;
    p.textContent = text;
  };

  const read = () => {
    const query = new URLSearchParams(location.search);
    for (const select of form.querySelectorAll("select")) {
      const value = query.get(select.name) || "";
      select.value = [...select.options].some((o) => o.value === value) ? value : "";
    }
    show();
  };

  const write = () => {
    const query = new URLSearchParams(choices()).toString();
    history.pushState(null, "", (query ? "?" + query : location.pathname) + location.hash);
    show();
  };

  if (form) {
    form.hidden = false;
    form.addEventListener("change", write);
    form.addEventListener("submit", (e) => e.preventDefault());
    form.addEventListener("reset", () => setTimeout(write));
    window.addEventListener("popstate", read);
    read();
  }

  // Sorting: by numbers where a column has them, else by text.
  const key = (row, i) => {
    const cell = row.cells[i];
    return cell ? cell.dataset.sort ?? cell.textContent.trim() : "";
  };
  const sort = (table, head, i) => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows];
    const numeric = rows.every((r) => key(r, i) !== "" && !isNaN(Number(key(r, i))));
    const by = new Intl.Collator(document.documentElement.lang);
    rows.sort((a, b) => (numeric ? Number(key(a, i)) - Number(key(b, i)) : by.compare(key(a, i), key(b, i))) * (down ? -1 : 1));
    table.tBodies[0].append(...rows);
  };
  for (const table of document.querySelectorAll("table")) {
    if (!table.tHead || table.tBodies[0].rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((head, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(table, head, i));
    });
  }
})();
