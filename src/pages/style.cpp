// How everything looks: one stylesheet, light and dark, from a phone's width up. Colours of text have a contrast of 4.5 : 1 or
// more.
#include "pages/page.h"

namespace venturi::pages {

std::string_view stylesheet() {
  return R"css(
:root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--ink:#1b2430;--soft:#566273;--line:#dfe4ea;--accent:#1f5fbf;--accent-ink:#fff;--bad-ink:#b3261e;--bad-back:#fdecea;--said:#e6f3ec;--code:#f0f2f5;
--ok:#2f8f6b;--bad:#c8372d;--run:#3f7fd6;--wait:#8b95a3;--skip:#b98ac0;--up:#d98324;--retry:#c9a227;--defer:#8f6fd1;--none:#e3e7ec;--cell:#fff;--none-ink:#566273}
@media(prefers-color-scheme:dark){:root{--back:#12161b;--card:#1a2027;--ink:#e4e9ef;--soft:#9ba8b7;--line:#2c3540;--accent:#7db0f5;--accent-ink:#0e1621;--bad-ink:#ff9d94;--bad-back:#3a1d1c;--said:#17352a;--code:#11161c;
--ok:#3fa57e;--bad:#e0584d;--run:#5b97e6;--wait:#7d8896;--skip:#b98ac0;--up:#e09a4a;--retry:#d6b545;--defer:#a88be0;--none:#303a46;--cell:#0d1116;--none-ink:#9ba8b7}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:6px 12px;z-index:9}
.soft{color:var(--soft)}p{margin:8px 0;overflow-wrap:anywhere}
.bar{display:flex;flex-wrap:wrap;align-items:center;gap:4px 20px;padding:8px 24px;background:var(--card);border-bottom:1px solid var(--line)}
.brand{display:inline-flex;align-items:center;gap:8px;font-weight:700;font-size:17px;color:var(--ink)}.brand:hover{text-decoration:none}.brand path{fill:var(--accent)}
nav ul{display:flex;flex-wrap:wrap;gap:2px;list-style:none;margin:0;padding:0}
.bar nav a{display:block;padding:5px 10px;border-radius:6px;color:var(--soft)}.bar nav a:hover{color:var(--ink);text-decoration:none;background:var(--back)}
.bar nav a[aria-current]{color:var(--ink);background:var(--back);font-weight:600}
.who{margin-left:auto;display:flex;gap:10px;align-items:center;color:var(--soft)}
main{max-width:1280px;margin:0 auto;padding:18px 24px 40px}
h1{font-size:23px;line-height:1.25;margin:0;overflow-wrap:anywhere;display:flex;flex-wrap:wrap;gap:6px 12px;align-items:center}h2{font-size:16px;margin:30px 0 10px}h3{font-size:15px}
.head{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;justify-content:space-between;margin:2px 0 14px}
.crumbs{font-size:14px;color:var(--soft)}
.tabs{border-bottom:1px solid var(--line);margin:0 0 16px}.tabs a{display:block;padding:6px 12px;color:var(--soft);border-bottom:2px solid transparent;margin-bottom:-1px}
.tabs a[aria-current]{color:var(--ink);border-color:var(--accent);font-weight:600}.tabs a:hover{color:var(--ink);text-decoration:none}
.said{background:var(--said);padding:8px 14px;border-radius:8px}
.error{background:var(--bad-back);color:var(--bad-ink);padding:8px 14px;border-radius:8px;overflow-wrap:anywhere;white-space:pre-line}.error a{color:inherit;text-decoration:underline}.error pre{overflow:auto;font-size:13px}
.empty{padding:32px;text-align:center;color:var(--soft);background:var(--card);border:1px dashed var(--line);border-radius:10px}
button,.button,input,select,textarea{font:inherit;font-size:14px;border-radius:6px;border:1px solid var(--line);background:var(--card);color:var(--ink);padding:5px 11px;min-height:32px}
button,.button{cursor:pointer;display:inline-block;line-height:20px}button:hover,.button:hover{border-color:var(--soft);text-decoration:none}
button.main,.button.main,.login button{background:var(--accent);border-color:var(--accent);color:var(--accent-ink);font-weight:600}
button.danger{background:var(--bad-ink);border-color:var(--bad-ink);color:var(--card);font-weight:600}
button.quiet{background:none;border-color:transparent;color:var(--accent);padding:4px 6px}
input,select,textarea{border-color:var(--wait)}textarea{width:100%;font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:13px}
input[type=checkbox]{min-height:0;width:18px;height:18px;vertical-align:middle}
::placeholder{color:var(--soft);opacity:.8}
form.inline{display:inline}.actions{display:flex;flex-wrap:wrap;gap:6px;align-items:center}
.filters{display:flex;flex-wrap:wrap;gap:10px;align-items:end;margin:0 0 16px}.filters label{display:block;font-size:13px;color:var(--soft)}.filters input[type=search]{min-width:230px}.filters label.check{display:flex;gap:8px;align-items:center;min-height:32px}
.stack{max-width:640px}.stack label,.login label{display:block;font-weight:600;margin:14px 0 4px}.stack input:not([type=checkbox]),.stack select,.login input{width:100%}.stack button,.login button{margin-top:14px}
.stack .hint{color:var(--soft);font-size:13px;margin:3px 0 0}.stack .field-error{color:var(--bad-ink);font-size:14px;margin:4px 0 0}.stack [aria-invalid=true]{border-color:var(--bad-ink);outline:1px solid var(--bad-ink)}
.stack label.check{display:flex;gap:8px;align-items:center}
.login{max-width:360px;margin:8vh auto 0;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:24px 28px}.login .soft{font-size:13px}.login button{width:100%}
table{border-collapse:collapse}
table.list{width:100%;background:var(--card);border:1px solid var(--line);border-radius:10px;border-collapse:separate;border-spacing:0;overflow:hidden;font-variant-numeric:tabular-nums}
.list th,.list td{text-align:left;padding:8px 14px;border-bottom:1px solid var(--line);vertical-align:middle}.list tbody tr:last-child>*{border-bottom:0}.list pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
.list thead th{font-size:13px;font-weight:500;color:var(--soft);white-space:nowrap}.list tbody th{font-weight:600;overflow-wrap:anywhere}.list tbody th .soft{font-weight:400;font-size:14px}
.list time{white-space:nowrap}.list td.actions{justify-content:flex-end}.list td.actions,.list .actions{border-bottom:0}.list.wide td.actions{display:table-cell;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}.list.wide tr:last-child td.actions{border-bottom:0}
.list.wide td.actions form,.list.wide td.actions .button{margin-left:6px}
.list td.text{overflow-wrap:anywhere}
.paused th a:first-child{color:var(--soft)}
code,pre{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:13px}pre.code,.doc pre{background:var(--code);border:1px solid var(--line);border-radius:8px;padding:12px 14px;overflow:auto;max-height:70vh;margin:8px 0;tab-size:4}
.doc{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:8px 20px}.doc h3{font-size:17px;margin:12px 0}.doc table td,.doc table th{padding:3px 10px;border:1px solid var(--line)}
.tag{display:inline-block;font-size:12px;font-weight:500;line-height:18px;padding:0 8px;border-radius:9px;background:var(--back);border:1px solid var(--line);color:var(--soft)}
.facts{display:flex;flex-wrap:wrap;gap:10px 32px;margin:0 0 6px}.facts dt{font-size:13px;color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
.s-success{--c:var(--ok)}.s-failed{--c:var(--bad)}.s-running{--c:var(--run)}.s-restarting{--c:var(--run)}.s-queued,.s-scheduled{--c:var(--wait)}.s-upstream_failed{--c:var(--up)}.s-skipped{--c:var(--skip)}.s-up_for_retry,.s-up_for_reschedule{--c:var(--retry)}
.s-deferred,.s-awaiting_input{--c:var(--defer)}.s-none,.s-removed,.s-paused{--c:var(--none)}
.s-upstream_failed,.s-up_for_retry,.s-up_for_reschedule,.s-skipped,.s-queued,.s-scheduled{--cell:#14181d}
.badge{display:inline-block;font-size:13px;font-weight:600;line-height:20px;padding:0 9px;border-radius:10px;color:var(--ink);background:color-mix(in srgb,var(--c) 22%,var(--card));border:1px solid color-mix(in srgb,var(--c) 60%,var(--card));white-space:nowrap}
.cell{display:inline-flex;align-items:center;justify-content:center;width:20px;height:20px;border-radius:4px;background:var(--c);color:var(--cell);font-size:13px;font-weight:700;line-height:1;text-decoration:none}
a.cell:hover{text-decoration:none;box-shadow:0 0 0 2px var(--card),0 0 0 3px var(--c)}.cell.s-none,.cell.s-removed{color:var(--none-ink)}.cell.many{width:auto;min-width:20px;padding:0 4px;font-size:11px}
.strip{display:inline-flex;gap:3px}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;list-style:none;margin:0 0 10px;padding:0;font-size:13px;color:var(--soft)}.legend .cell{width:16px;height:16px;font-size:11px;vertical-align:-2px;margin-right:3px}
.grid{overflow-x:auto;direction:rtl;background:var(--card);border:1px solid var(--line);border-radius:10px;width:fit-content;max-width:100%}.grid table{direction:ltr}
.grid td,.grid thead th{padding:3px;text-align:center}.grid th[scope=row],.grid thead th:first-child{position:sticky;left:0;background:var(--card);text-align:left;font-weight:500;white-space:nowrap;padding:2px 16px 2px 14px;max-width:340px;overflow:hidden;text-overflow:ellipsis}
.grid thead th{border-bottom:1px solid var(--line);padding:8px 3px}.grid tr.group th{color:var(--soft);font-weight:600}.grid tbody tr:hover>*{background:var(--back)}
.grid th.d1{padding-left:30px}.grid th.d2{padding-left:46px}.grid th.d3{padding-left:62px}.grid th.d4{padding-left:78px}.grid th.d5{padding-left:94px}.grid th.d6{padding-left:110px}
.graph{overflow:auto;max-height:75vh;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:8px}.graph svg{display:block}
.graph text{font:13px system-ui,"DejaVu Sans",sans-serif;fill:var(--ink)}.graph .box{fill:var(--card);stroke:var(--wait);stroke-width:1}.graph a .box{stroke:var(--c);fill:color-mix(in srgb,var(--c) 9%,var(--card))}.graph .stripe{fill:var(--c)}
.graph a:hover .box{stroke-width:2}.graph .sign{font-size:12px;fill:var(--soft)}.graph .edge{fill:none;stroke:var(--wait);stroke-width:1.3}.graph .tip{fill:var(--wait)}.graph .label{font-size:11px;fill:var(--soft);paint-order:stroke;stroke:var(--card);stroke-width:3px}
.graph .group rect{fill:var(--back);stroke:var(--line);fill-opacity:.7}.graph .group text{font-size:12px;font-weight:600;fill:var(--soft)}
.pager{display:flex;gap:18px;justify-content:center;margin:14px 0}
.log{background:var(--code);border:1px solid var(--line);border-radius:8px;padding:10px 0;overflow:auto;font:12.5px/1.55 ui-monospace,"DejaVu Sans Mono",monospace}.log table{width:100%}.log td{padding:0 12px;vertical-align:top;white-space:pre-wrap;overflow-wrap:anywhere}
.log td.at,.log td.level{color:var(--soft);white-space:nowrap;width:1%}.log .warning td.level{color:var(--ink);font-weight:700}.log .error-line td{color:var(--bad-ink)}
details summary{cursor:pointer}.stack+details.sure{margin-top:16px}details.sure[open]>div{display:flex;gap:10px;align-items:center;padding:6px 0}details.sure summary{list-style:none}
.note{white-space:pre-line;background:var(--card);border-left:3px solid var(--accent);padding:8px 14px}
footer{display:flex;flex-wrap:wrap;gap:8px 24px;justify-content:space-between;align-items:center;max-width:1280px;margin:0 auto;padding:12px 24px 24px;color:var(--soft);font-size:13px;border-top:1px solid var(--line)}footer input{font-size:13px;min-height:28px;padding:2px 8px;width:170px}
.tries{display:flex;flex-wrap:wrap;gap:4px;list-style:none;padding:0;margin:0 0 10px}.tries a{display:flex;gap:8px;align-items:center;padding:4px 10px;border:1px solid var(--line);border-radius:6px;background:var(--card);color:var(--ink)}.tries a[aria-current]{border-color:var(--accent);box-shadow:0 0 0 1px var(--accent)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:12px}
@media(max-width:760px){main{padding:14px 14px 30px}.bar{padding:8px 14px}.bar nav{order:3;width:100%;overflow-x:auto}.bar nav ul{flex-wrap:nowrap}.bar nav a{white-space:nowrap}footer{padding:12px 14px 24px}
.list thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.list tr{display:block;padding:10px 0;border-bottom:1px solid var(--line)}.list tbody tr:last-child{border-bottom:0}
.list th,.list td.text,.list.wide td.actions{display:block;border:0!important;padding:3px 14px;text-align:left}.list td{display:inline-block;border:0!important;padding:2px 0 2px 14px}.list td[data-name]::before{content:attr(data-name) ": ";color:var(--soft);font-size:13px}.list td[data-name]:empty{display:none}
.list.wide td.actions form:first-child{margin-left:0}.filters>div,.filters input[type=search],.filters select{width:100%}.log td.at{display:none}.grid th[scope=row],.grid thead th:first-child{max-width:170px}}
@media(prefers-reduced-motion:no-preference){a.cell,button,.button{transition:border-color .1s,box-shadow .1s}}
)css"
         // The simulation's own drawing.
         ".sim .key span{display:inline-block;margin-right:16px}.sim "
         "svg{width:100%;min-width:900px;height:auto;display:block}.sim .key "
         "svg{display:inline-block;width:11px;min-width:0;vertical-align:-1px}.sim{overflow-x:auto}.sim "
         "table{background:var(--card);width:100%;border:1px solid var(--line)}.sim td,.sim th{text-align:left;padding:5px "
         "12px;border-bottom:1px solid var(--line)}.sim text{fill:var(--ink);font:11px system-ui,sans-serif}.sim "
         "text.soft{fill:var(--soft)}.sim text.dag{font-weight:600}"
         ".sim .grid-line{stroke:var(--line)}.sim .success{fill:var(--ok)}.sim .failed,.sim .killed{fill:var(--bad)}.sim "
         ".skipped{fill:var(--skip)}.sim .open{fill:var(--run)}.sim .wait{fill:var(--retry)}"
         ".sim .area{fill:var(--run);opacity:.4}.sim .limit{stroke:var(--bad);stroke-dasharray:4 3}\n";
}

std::string_view icon() {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\"><path fill=\"#1f5fbf\" d=\"M2 4c6 0 6 6 10 6s4-6 "
         "10-6v16c-6 0-6-6-10-6s-4 6-10 "
         "6z\"/></svg>";
}

}  // namespace venturi::pages
