"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Everything from the history enters the page as text, never as markup.
  const el = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
    }
    node.append(...children.filter((c) => c !== null && c !== undefined));
    return node;
  };

  // Theme: the system's, until someone chooses.
  const remember = (value) => { try { localStorage.setItem("proofhouse-theme", value); } catch { /* private mode */ } };
  const recall = () => { try { return localStorage.getItem("proofhouse-theme"); } catch { return null; } };
  const saved = recall();
  if (saved) document.documentElement.dataset.theme = saved;
  $("theme").addEventListener("click", () => {
    const now = document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    const next = now === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    remember(next);
  });

  // Filters.
  const scenarios = all(".scenario");
  const fields = ["q", "verdict", "feature", "level", "requirement"].map($);
  const [q, verdict, feature, level, requirement] = fields;
  const quiet = new Set(["passed", "known-failure", "not-applicable"]);
  const matches = (s) => {
    const d = s.dataset;
    const words = q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = requirement.value.trim().toUpperCase();
    return words.every((w) => d.q.includes(w))
      && (!verdict.value || (verdict.value === "attention" ? !quiet.has(d.verdict) : d.verdict === verdict.value))
      && (!feature.value || s.parentElement.dataset.feature === feature.value)
      && (!level.value || d.level === level.value)
      && (!wanted || d.requirements.split(" ").includes(wanted));
  };
  const apply = () => {
    let shown = 0;
    for (const s of scenarios) {
      const hit = matches(s);
      s.hidden = !hit;
      if (hit) shown += 1;
    }
    for (const f of all(".feature")) f.hidden = !f.querySelector(".scenario:not([hidden])");
    const filtered = fields.some((f) => f.value);
    $("count").textContent = filtered ? `${shown} of ${scenarios.length} scenarios` : "";
    $("empty").hidden = shown > 0;
    for (const b of all(".legend button")) b.setAttribute("aria-pressed", String(b.dataset.verdict === verdict.value));
  };
  const clear = () => { for (const f of fields) f.value = ""; apply(); };
  for (const f of fields) f.addEventListener("input", apply);
  $("filters").addEventListener("submit", (e) => e.preventDefault());
  for (const b of all("[data-clear]")) b.addEventListener("click", clear);
  for (const b of all(".legend button")) {
    b.addEventListener("click", () => {
      verdict.value = verdict.value === b.dataset.verdict ? "" : b.dataset.verdict;
      apply();
      if (verdict.value) $("scenarios").scrollIntoView();
    });
  }
  addEventListener("keydown", (e) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
    if (e.key === "/" && !typing && !e.ctrlKey && !e.metaKey) { e.preventDefault(); q.focus(); }
    if (e.key === "Escape" && typing) { if (document.activeElement === q) { q.value = ""; apply(); } document.activeElement.blur(); }
  });

  // Deep links open what they point to, whatever the filters say.
  const follow = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && $(id);
    if (!target) return;
    if (target.classList.contains("scenario") && target.hidden) clear();
    for (let p = target; p; p = p.parentElement) if (p.tagName === "DETAILS") p.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  for (const a of all("a[href^='#']")) a.addEventListener("click", () => { if (a.hash === location.hash) follow(); });

  // JSON with colours, as nodes.
  const json = (value) => {
    const pre = el("pre", { tabindex: "0" });
    const text = JSON.stringify(value, null, 2);
    const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
    let at = 0;
    for (const m of text.matchAll(token)) {
      pre.append(text.slice(at, m.index));
      const kind = m[2] ? "jk" : m[1] ? "js" : "jn";
      pre.append(el("span", { class: kind }, m[1] ?? m[0]));
      if (m[2]) pre.append(m[2]);
      at = m.index + m[0].length;
    }
    pre.append(text.slice(at));
    return pre;
  };

  // Text whose `quoted` parts are code.
  const rich = (text) => {
    const parts = text.split("`");
    return parts.length % 2 ? parts.map((p, i) => (i % 2 ? el("code", {}, p) : p)) : [text];
  };

  // One line for each kind of record: a word in bold, then what matters.
  const some = (...parts) => parts.filter((p) => p !== null && p !== undefined && p !== "" && p !== false).join(" · ");
  const cut = (text, n = 180) => (text.length > n ? `${text.slice(0, n)}…` : text);
  const act = (request, result) => {
    const what = request.do === "run" ? (request.argv ?? []).join(" ")
      : request.do === "query" ? `${request.record} ${request.name} at ${request.server}`
      : some(request.do, request.path, request.address);
    const end = result.end ?? {};
    const outcome = end.end === "exited" ? `exit ${end.code}` : end.end === "signalled" ? `signal ${end.signal}`
      : end.end === "not_started" ? end.error : end.end === "timed_out" ? "timed out"
      : result.reply === "answer" ? some(result.rcode ?? "no answer", (result.addresses ?? []).join(" "))
      : result.reply === "file" ? (result.exists ? result.file_type : "does not exist") : some(result.reply, result.error);
    return [request.do ?? "act", `${cut(what)} → ${outcome}`];
  };
  const lines = {
    audit: ({ plane, sequence, audit: a }) => ["audit", some(a.attackType ?? a.type, a.effect, a.ruleName && `rule ${a.ruleName}`, a.containerName,
      a.domain ?? a.command ?? a.processPath ?? a.url, a.count > 1 && `×${a.count}`, `${plane} ${sequence}`)],
    dns_question: (d) => ["DNS", some(`${d.record} ${d.name} → ${d.answer || "no answer"}`, `${d.client} asks ${d.server}`, d.transport)],
    http_exchange: (d) => ["HTTP", some(`${d.method} ${cut(d.target)} → ${d.status ?? d.error ?? "no answer"}`, `${d.elapsed_ms.toFixed(1)} ms`, d.client)],
    app_request: (d) => ["app saw", some(`${d.method} ${cut(d.target)}`, d.status && `answered ${d.status}`)],
    console_call: (d) => ["Console", some(`${d.method} ${d.path} → ${d.status}`, d.user, d.error)],
    policy_revision: (d) => ["policy", `revision ${d.revision} stored`],
    policy_applied: (d) => ["policy", `revision ${d.revision} in force`],
    policy_rejected: (d) => ["policy", `revision ${d.revision} refused: ${d.error}`],
    link_connected: (d) => ["link", some("connected", d.app_id, d.peer, d.certificate)],
    link_refused: (d) => ["link", some("refused", d.peer, d.error)],
    link_closed: (d) => ["link", some("closed", d.app_id)],
    workload: (d) => ["workload", some(d.container, d.image)],
    audit_gap: (d) => ["audit gap", `nothing between ${d.after} and ${d.before}`],
    syslog_line: (d) => ["syslog", cut(d.line)],
    discovered_apis: (d) => ["learned", cut(d.apis.map((a) => `${a.method} ${a.path}`).join(", "))],
    monitoring_stats: (d) => ["statistics", `${d.stats.totalRequests} requests, ${d.stats.blockedRequests} blocked`],
    counters: (d) => ["counters", Object.entries(d.totals ?? {}).map(([k, v]) => `${k} ${v}`).join(", ")],
    fence: (d) => ["fence", some(`${d.id} ${d.phase}`, d.pipeline.way.replaceAll("_", " "), d.pipeline.container ?? d.pipeline.service ?? d.pipeline.server ?? d.pipeline.port, (d.containers ?? []).join(", "))],
    outside_connection: (d) => ["connection", some(`${d.client} → ${d.server}`, d.transport, d.accepted ? "accepted" : "refused")],
    metadata_request: (d) => ["metadata", `${d.path} → ${d.status}`],
    container_event: (d) => ["container", some(d.event, d.exit_code !== null && d.exit_code !== undefined && `code ${d.exit_code}`, d.detail)],
    task_state: (d) => ["task", some(d.state, d.detail)],
    log: (d) => [d.stream, cut(d.line)],
    act: (d) => act(d.request ?? {}, d.result ?? {}),
    stimulus: (d) => ["stimulus", d.what],
    fault: (d) => ["fault", `${d.name} ${d.active ? "on" : "off"}`],
    step: (d) => [d.keyword.trim(), some(d.text, d.status !== "passed" && d.status)],
    check: (d) => ["check", some((d.check.check ?? "").replaceAll("_", " "), d.check.token)],
    console_answer: (d) => ["API", some(`${d.method} ${cut(d.path)} → ${d.status}`, d.user)],
    service_request: (d) => ["service", some(`${d.method} ${cut(d.target)}`)],
    task_began: (d) => ["task", some(`${d.run} task begins`, d.task)],
    task_record: (d) => ["record", some(d.record.status, Object.entries(d.record.containers).map(([k, c]) => `${k} ${c.status}`).join(", "))],
    inspected: (d) => ["engine has", some(...Object.entries(d.engine).filter(([, v]) => typeof v !== "object").map(([k, v]) => `${k.replaceAll("_", " ")} ${v}`))],
    looked: (d) => ["looked", some(d.path, d.found ? some(d.found.file, d.found.bytes !== undefined && `${d.found.bytes} bytes`) : "does not exist")],
    executed_from_outside: (d) => ["from outside", `${cut(d.argv.join(" "))} → exit ${d.code}`],
    definition: (d) => ["definition", d.role],
    validated: (d) => ["Fargate says", some(d.variant, d.validation.rejections.map((r) => `${r.class} at ${r.path}`).join(", ") || "accepted")],
    planned: (d) => ["planned", d.role],
    remains: (d) => ["on the engine", [...d.labelled, ...d.unlabelled].join(", ") || "nothing"],
    stranger_heard: (d) => ["stranger", d.messages.join(", ") || "heard nothing"],
    lost: (d) => ["lost", some(d.count ? String(d.count) : "unknown number", d.pipeline.way.replaceAll("_", " "), d.why)],
    limit_passed: (d) => ["limit", some(`${d.what} was waited for ${d.limit_ms} ms in vain`, d.seen)],
    problem: (d) => ["problem", d.text],
    capture: (d) => ["capture", d.what],
    note: (d) => ["note", cut(d.text)],
    scenario_began: (d) => ["scenario", `attempt ${d.attempt} begins`],
    scenario_ended: (d) => ["scenario", `attempt ${d.attempt} ends`],
  };
  const at = (us) => `+${(us / 1e6).toFixed(3)}`;

  const row = (r) => {
    const [word, text] = (lines[r.k] ?? (() => [r.k, ""]))(r.d);
    const detail = el("details", {},
      el("summary", {},
        el("span", { class: "at" }, at(r.t)), el("span", { class: "src" }, r.s),
        el("span", { class: "line" }, el("b", {}, word), ...rich(String(text))), el("span", { class: "tok" }, r.x ?? "")));
    detail.addEventListener("toggle", () => { if (detail.open && !detail.querySelector("pre")) detail.append(r.k === "capture" ? el("pre", { tabindex: "0" }, r.d.text) : json(r.d)); });
    return el("li", { class: `k-${r.k}${r.k === "lost" || r.k === "limit_passed" ? " bad" : ""}`, id: `record-${r.n}` }, detail);
  };

  const panel = (title, tally, build, open = false) => {
    const inner = el("div", { class: "inner" });
    const node = el("details", { class: "panel" }, el("summary", {}, title, el("span", { class: "tally" }, tally)), inner);
    let built = false;
    const fill = () => { if (node.open && !built) { built = true; build(inner); } };
    node.addEventListener("toggle", fill);
    node.open = open;
    fill();
    return node;
  };
  const plural = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;

  // The policy that the Defender decided by last, and its rules in short.
  const policy = (records) => {
    const stored = records.filter((r) => r.k === "policy_revision");
    if (!stored.length) return null;
    const applied = records.filter((r) => r.k === "policy_applied").at(-1);
    const last = stored.findLast((r) => !applied || r.d.revision === applied.d.revision) ?? stored.at(-1);
    const state = applied?.d.revision === last.d.revision ? "in force" : "stored, not confirmed by the Defender";
    return panel("Policy", `revision ${last.d.revision}, ${state}${stored.length > 1 ? `, ${stored.length} in all` : ""}`, (inner) => {
      const p = last.d.policy ?? {};
      const scope = (rule) => (rule.collections ?? []).map((c) => c.name ?? c).join(", ");
      const listed = (word, list) => (list?.length ? `${word} ${list.join(", ")}` : "");
      const section = ([name, v]) => {
        const lists = [listed("denies", v.blacklist), listed("allows", v.whitelist)].filter(Boolean).join("; ");
        return `${name} ${v.effect}${lists ? ` (${lists})` : ""}`;
      };
      const sections = (o) => Object.entries(o).filter(([, v]) => v && typeof v === "object" && typeof v.effect === "string");
      const app = (o) => {
        const ports = (o.apiSpec?.endpoints ?? []).map((e) => `${e.exposedPort} → ${e.internalPort}`).join(", ");
        const on = sections(o).filter(([, v]) => v.effect !== "disable").map(([k, v]) => `${k} ${v.effect}`).join(", ");
        return some(ports && `ports ${ports}`, on || "nothing on");
      };
      const decides = (rule) => (rule.disabled ? ["disabled"] : [...sections(rule).map(section), ...(rule.applicationsSpec ?? []).map(app)]);
      const rows = ["runtime", "waas"].flatMap((plane) => ((p[plane] ?? {}).rules ?? []).map((rule) =>
        el("tr", {}, el("td", {}, rule.name ?? ""), el("td", {}, plane), el("td", {}, scope(rule)),
          el("td", {}, ...decides(rule).map((line) => el("div", {}, line))))));
      if (rows.length) {
        inner.append(el("table", { class: "rules" },
          el("thead", {}, el("tr", {}, ...["Rule", "Plane", "Collections", "Decides"].map((h) => el("th", { scope: "col" }, h)))),
          el("tbody", {}, ...rows)));
      }
      inner.append(json(p));
    });
  };

  const groups = [
    ["audits", ["audit", "audit_gap", "syslog_line", "discovered_apis", "monitoring_stats", "counters", "fence", "lost"]],
    ["DNS", ["dns_question"]],
    ["HTTP", ["http_exchange", "app_request", "service_request", "metadata_request", "outside_connection"]],
    ["actor", ["stimulus", "act", "looked", "executed_from_outside", "stranger_heard"]],
    ["Console", ["console_call", "console_answer", "policy_revision", "policy_applied", "policy_rejected", "link_connected", "link_refused", "link_closed", "workload", "fault"]],
    ["containers", ["container_event", "task_began", "task_state", "task_record", "inspected", "remains", "definition", "validated", "planned"]],
    ["steps", ["step", "check", "limit_passed", "scenario_began", "scenario_ended", "note", "capture"]],
    ["logs", ["log"]],
  ];
  const group = (kind) => groups.find(([, kinds]) => kinds.includes(kind))?.[0] ?? "steps";

  // The timeline of an opened scenario, made to show a record: its kind, and all that stand before it.
  const reveals = new WeakMap();
  const timeline = (records, inner) => {
    const CHUNK = 250;
    const off = new Set(["logs"]);
    const list = el("ol", { class: "timeline" });
    const more = el("button", { type: "button", class: "more" });
    let rest = [];
    const next = () => {
      list.append(...rest.slice(0, CHUNK).map(row));
      rest = rest.slice(CHUNK);
      more.hidden = rest.length === 0;
      more.textContent = `${plural(rest.length, "more record")}`;
    };
    const draw = () => { list.replaceChildren(); rest = records.filter((r) => !off.has(group(r.k))); next(); };
    more.addEventListener("click", next);
    const bar = el("div", { class: "kinds", role: "group", "aria-label": "Kinds of record" });
    for (const [name] of groups) {
      const n = records.filter((r) => group(r.k) === name).length;
      if (!n) continue;
      const b = el("button", { type: "button", "aria-pressed": String(!off.has(name)) }, `${name} ${n}`);
      b.addEventListener("click", () => {
        if (!off.delete(name)) off.add(name);
        b.setAttribute("aria-pressed", String(!off.has(name)));
        draw();
      });
      bar.append(b);
    }
    inner.append(bar, list, more);
    draw();
    reveals.set(inner.closest(".scenario") ?? inner, (n) => {
      const wanted = records.find((r) => r.n === n);
      if (!wanted) return null;
      if (off.delete(group(wanted.k))) { for (const b of all("button", bar)) b.setAttribute("aria-pressed", String(!off.has(b.textContent.replace(/ \d+$/, "")))); draw(); }
      while (rest.length && !list.querySelector(`#record-${n}`)) next();
      return list.querySelector(`#record-${n}`);
    });
  };

  const logs = (records) => {
    const written = records.filter((r) => r.k === "log");
    const names = [...new Set(written.map((r) => r.s))];
    return names.map((name) => {
      const own = written.filter((r) => r.s === name);
      return panel(`Log of ${name}`, plural(own.length, "line"), (inner) => {
        const pre = el("pre", { class: "logs", tabindex: "0" });
        for (const r of own) {
          pre.append(el("span", { class: "at" }, `${at(r.t).padStart(9)}  `), el("span", { class: r.d.stream === "stderr" ? "err" : null }, r.d.line), "\n");
        }
        inner.append(pre);
      });
    });
  };
  const captures = (records) => records.filter((r) => r.k === "capture").map((r) =>
    panel(`Captured: ${r.d.what}`, at(r.t), (inner) => inner.append(el("pre", { tabindex: "0" }, r.d.text))));

  const fill = (s) => {
    const slot = s.querySelector("[data-slot]");
    const island = $(s.dataset.evidence);
    if (!slot || slot.dataset.slot === "full" || !island) return;
    slot.dataset.slot = "full";
    const records = JSON.parse(island.textContent);
    if (!records.length) return;
    const p = policy(records);
    slot.replaceChildren(...[p, panel("Timeline of evidence", plural(records.length, "record"), (inner) => timeline(records, inner), true), ...logs(records), ...captures(records)].filter(Boolean));
  };
  for (const s of scenarios) s.addEventListener("toggle", () => { if (s.open) fill(s); });
  for (const a of all("a[data-record]")) {
    a.addEventListener("click", (e) => {
      e.preventDefault();
      const s = a.closest(".scenario");
      fill(s);
      for (const p of all("details.panel", s)) if (p.firstChild.textContent.startsWith("Timeline")) p.open = true;
      const line = reveals.get(s)?.(Number(a.dataset.record));
      if (!line) return;
      const detail = line.querySelector("details");
      if (detail) detail.open = true;
      line.scrollIntoView({ block: "center" });
    });
  }

  addEventListener("beforeprint", () => { for (const s of scenarios) if (!quiet.has(s.dataset.verdict)) { fill(s); s.open = true; } });

  apply();
  follow();
})();
