// Compares rows with what record_templates.py recorded for them: prints those that differ, and how many.
//   generate_templates.py 1 5000 | record_templates.py --rows | template_outcomes tests/oracle/tables/jinja_generated.json
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/json.h"
#include "template/testing/outcome.h"

int main(int argc, char** argv) {
  using namespace venturi;
  using namespace venturi::templates;
  if (argc != 2) {
    std::cerr << "usage: template_outcomes TABLE < rows    (TABLE: whose context the rows are rendered in)\n";
    return 2;
  }
  std::ostringstream text;
  text << std::ifstream(argv[1]).rdbuf();
  const auto table = parse_json(text.str());
  if (!table) throw std::runtime_error(table.error().text());
  const templates::testing::BerlinZone zones;
  templates::testing::MapContext context(table->at("context"));
  templates::testing::add_dates(context, zones);
  int rows = 0, differ = 0;
  for (std::string line; std::getline(std::cin, line); ++rows) {
    const auto row = parse_json(line);
    if (!row) throw std::runtime_error(row.error().text());
    const auto found = templates::testing::outcome(*row, context), wanted = templates::testing::recorded(*row);
    if (found.kind == wanted.kind && found.value == wanted.value) continue;
    ++differ;
    std::cout << to_json(Object{{"row", *row},
                                {"found", Object{{"kind", found.kind}, {"value", found.value}, {"message", found.message}}}})
              << "\n";
  }
  std::cerr << rows << " rows, " << differ << " differ\n";
  return differ == 0 ? 0 : 1;
}
