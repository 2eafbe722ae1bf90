// Templates of operators, in the host and in a mover: what they get from the run, from outside, and how they go wrong.
#include <venturi/dag.h>

#include <map>
using namespace venturi;

std::map<std::string, std::vector<int>> numbers() {
  return {{"list", {1, 2, 3}}};
}
std::int64_t rows(const RunFile& file) {
  return file.row_count;
}
// What the DAG's program renders itself.
void place(const Context& context) {
  context.log().info(
      context.render("{{ dag.fileloc }} {{ dag.relative_fileloc }} "
                     "{{ logical_date.in_timezone('Europe/Berlin').strftime('%H:%M %Z') }}"));
}

VENTURI_DAG(e2e_templates,
            {.tags = {"b", "a"}, .is_paused_upon_creation = false, .params = {{"who", "dag"}, {"folder", "/nowhere"}}}) {
  auto given = dag.task<numbers>();
  given >> dag.add(BashOperator{.task_id = "say",
                                .bash_command =
                                    "echo '{{ ds }} {{ params.who }} {{ ti.xcom_pull(task_ids=\"numbers\")[\"list\"][1] }} "
                                    "{{ dag.tags | sort | join(\"+\") }} {{ var.value.get(\"absent\", \"none\") }} "
                                    "{{ conn.shop.host }} {{ prev_start_date_success }} "
                                    "{{ logical_date.in_timezone(\"Europe/Berlin\") }}' $X",
                                .env = {{"X", "{{ macros.ds_add(ds, 2) }} {{ var.value.api_key }}"}},
                                .append_env = true});
  dag.add(BashOperator{.task_id = "place_of_operator", .bash_command = "echo '{{ dag.fileloc }}'"});
  dag.task<place>();
  dag.task<rows>()(dag.add(CsvToFileOperator{.task_id = "read", .path = "{{ params.folder }}/{{ run_id }}.csv"}));
  // Subject and text are those of the connection, as templates.
  dag.add(EmailOperator{.task_id = "mail", .to = {"ann@example.com"}, .conn_id = "mail"});
  dag.add(BashOperator{.task_id = "undefined", .bash_command = "echo\n{{ execution_date }}"},
          {.retries = 0, .on_failure_callback = SmtpNotifier{.to = {"ops@example.com"}, .smtp_conn_id = "mail"}});
  dag.add(BashOperator{.task_id = "endless",
                       .bash_command = "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}"},
          {.retries = 5});
  dag.add(BashOperator{.task_id = "syntax", .bash_command = "{% if %}x{% endif %}"}, {.retries = 5});
}
