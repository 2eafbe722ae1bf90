#include "providers/register_all.h"

#include "providers/csv/csv.h"
#include "providers/files/files.h"
#include "providers/http/http.h"
#include "providers/postgres/postgres.h"
#include "providers/rows/rows.h"
#include "providers/slack/slack.h"
#include "providers/smtp/smtp.h"
#include "providers/sql/sql.h"
#include "providers/standard/standard.h"
#include "providers/teams/teams.h"

namespace venturi::providers {

void register_all(operators::Registry& registry) {
  register_standard(registry);
  register_smtp(registry);
  register_postgres(registry);
  register_csv(registry);
  register_http(registry);
  register_files(registry);
  register_rows(registry);
  register_slack(registry);
  register_teams(registry);
  register_sql(registry);
}

}  // namespace venturi::providers
