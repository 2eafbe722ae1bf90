// What moves data, with file, query and connections from the run's conf; beside each a task that has nothing to do with it.
#include <venturi/dag.h>

using namespace venturi;

namespace {

struct Person {
  std::optional<std::int64_t> id;
  std::optional<std::string> name;
};
VENTURI_STRUCT(Person, id, name);

struct Letter {
  std::string subject, text, html;
};
VENTURI_STRUCT(Letter, subject, text, html);

std::string path(const Context& context) {
  return context.params().at("path").as_string();
}
std::string encoding(const Context& context) {
  return context.params().at("encoding").as_string();
}
std::string connection(const Context& context) {
  return context.params().at("connection").as_string();
}

void tell(const Context& context, const RunFile& people) {
  for (const Person& person : people.rows<Person>()) context.log().info("read ", person.name.value_or("nobody"));
}

Letter write(const RunFile& database, const RunFile& file) {
  Letter letter{"Привет:", "", ""};
  for (const RunFile* source : {&database, &file}) {
    for (const Person& person : source->rows<Person>()) {
      letter.subject += " " + person.name.value_or("?");
      letter.text += std::to_string(person.id.value_or(0)) + " " + person.name.value_or("?") + "\n";
      letter.html += "<li>" + person.name.value_or("?") + "</li>\n";
    }
  }
  return letter;
}

}  // namespace

VENTURI_DAG(read_csv, {.is_paused_upon_creation = false, .params = {{"path", "/nowhere.csv"}, {"encoding", "utf-8"}}}) {
  auto people = dag.add(CsvToFileOperator{
      .task_id = "extract", .path = dag.task<path>(), .encoding = dag.task<encoding>(), .columns = columns_of<Person>()});
  dag.task<tell>()(people);
  dag.empty("other");
}
VENTURI_DAG(read_database, {.is_paused_upon_creation = false, .params = {{"connection", "test_db"}}}) {
  auto people = dag.add(PostgresToFileOperator{.task_id = "extract",
                                               .conn_id = dag.task<connection>(),
                                               .sql = "select id, name from people order by id",
                                               .columns = columns_of<Person>()});
  dag.task<tell>()(people);
  dag.empty("other");
}
VENTURI_DAG(send_mail, {.is_paused_upon_creation = false, .params = {{"connection", "smtp_default"}}}) {
  dag.add(EmailOperator{.task_id = "send",
                        .to = {"ops@example.com"},
                        .subject = "hello",
                        .text_content = "hello",
                        .conn_id = dag.task<connection>()});
  dag.empty("other");
}
// Names from both sources become a mail.
VENTURI_DAG(letters, {.is_paused_upon_creation = false, .params = {{"path", "/nowhere.csv"}}}) {
  auto database = dag.add(PostgresToFileOperator{.task_id = "extract_database",
                                                 .conn_id = "test_db",
                                                 .sql = "select id, name from people order by id",
                                                 .columns = columns_of<Person>()});
  auto file = dag.add(CsvToFileOperator{.task_id = "extract_csv", .path = dag.task<path>(), .columns = columns_of<Person>()});
  auto letter = dag.task<write>()(database, file);
  dag.add(EmailOperator{.task_id = "send",
                        .to = {"ops@example.com"},
                        .subject = letter.get(&Letter::subject),
                        .text_content = letter.get(&Letter::text),
                        .html_content = letter.get(&Letter::html)});
}
