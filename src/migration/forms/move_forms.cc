// The moves that are said in a line or two, and the list of all of them.
#include "migration/form.h"

namespace segue::migration {
namespace {

Type column_name() {
  return scalar(Kind::name);
}

Type on_delete() {
  return word({"restrict", "cascade", "set null", "set default", "no action"});
}

const Form& rename_form() {
  static const Form form = {
      "rename",
      "A table or a column gets another name, with everything that hangs on it",
      {
          must("table", scalar(Kind::table), "The table as it is called now"),
          may("column", column_name(), "The column as it is called now; without it the table is renamed"),
          must("to", column_name(), "The new name"),
      },
      {},
      "- rename: { table: deals, to: opportunities }\n- rename: { table: users, column: username, to: login }\n",
  };
  return form;
}

const Form& reparent_form() {
  static const Form form = {
      "reparent",
      "A foreign key moves from one parent to another through a mapping that is itself checked",
      {
          must("table", scalar(Kind::table), "The table whose rows get another parent"),
          must("from", column_name(), "The column that points at the old parent"),
          must("to", column_name(), "The column that will point at the new one; it is made if it is not there"),
          must("parent", scalar(Kind::table), "The new parent's table"),
          must("through", scalar(Kind::sql),
               "A query that gives (source_key, target_key) and, for `missing: create`, the target's columns"),
          may("missing", word({"create", "refuse", "null"}),
              "What happens to a source without a target: it is created, refused (the default), or stays NULL"),
          may("never", column_name(), "The target may not equal the row's own value in this column"),
          may("on_delete", on_delete(), "The new foreign key's rule when a parent is deleted"),
      },
      {},
      "- reparent: { table: projects, from: customer_id, to: customer_organization_id, parent: organizations,\n"
      "              through: customers.sql, missing: create, never: organization_id }\n",
  };
  return form;
}

const Form& junction_form() {
  static const Form form = {
      "junction",
      "A foreign key becomes many-to-many; both are held in sync until contract",
      {
          must("from", scalar(Kind::column_path), "The foreign key's column, with its table"),
          must("table", scalar(Kind::table), "The junction table"),
          must("columns", list_of(column_name(), 2, 2), "Its two columns: first the one for this table's key"),
          may("primary", column_name(), "A boolean column of the junction table that marks the old link"),
      },
      {},
      "- junction: { from: contacts.company_id, table: contact_organizations, columns: [contact_id, company_id],\n"
      "              primary: is_primary }\n",
  };
  return form;
}

const Form& policies_form() {
  static const Form form = {
      "policies",
      "Row level security for a table: copied from another, or made by SQL; viewpoints prove it",
      {
          must("table", scalar(Kind::table), "The table that gets the policies"),
          may("like", scalar(Kind::table), "The table whose policies are copied"),
          may("sql", scalar(Kind::sql), "CREATE POLICY statements"),
      },
      {{Rule::Holds::exactly_one, {"like", "sql"}}},
      "- policies: { table: opportunities, like: deals }\n- policies: { table: clients, sql: client_policies.sql }\n",
  };
  return form;
}

const Form& retire_form() {
  static const Form form = {
      "retire",
      "Columns or a whole table leave at contract; they go to the trash, not to nothing",
      {
          must("table", scalar(Kind::table), "The table that leaves, or whose columns do"),
          may("columns", list_of(column_name()), "The columns that leave; without it the table does"),
          may("archive", scalar(Kind::boolean), "Whether the values are copied aside first (true)"),
      },
      {},
      "- retire: { table: opportunities, columns: [amount], archive: true }\n",
  };
  return form;
}

}  // namespace

const Form& move_form() {
  static const Form form = {
      "move",
      "One intended change; each has exactly one of these keys",
      {
          may("sql", scalar(Kind::sql), "Ordinary SQL, or the file that holds it"),
          may("phase", phase(), "When the SQL runs: expand unless said (with `sql` only)"),
          may("undo", scalar(Kind::sql), "How to undo the SQL where that cannot be derived (with `sql` only)"),
          may("backfill", mapping(backfill_form()), "Existing rows get values, in batches"),
          may("tenancy", mapping(tenancy_form()), "Rows come to belong to a tenant; the existing ones to the first"),
          may("rename", mapping(rename_form()), rename_form().about),
          may("convert", mapping(convert_form()), convert_form().about),
          may("reparent", mapping(reparent_form()), reparent_form().about),
          may("junction", mapping(junction_form()), junction_form().about),
          may("policies", mapping(policies_form()), policies_form().about),
          may("retire", mapping(retire_form()), retire_form().about),
      },
      {
          {Rule::Holds::exactly_one,
           {"sql", "backfill", "tenancy", "rename", "convert", "reparent", "junction", "policies", "retire"}},
          {Rule::Holds::needs, {"phase", "sql"}},
          {Rule::Holds::needs, {"undo", "sql"}},
      },
      "- sql: clients.sql\n  phase: expand\n  undo: DROP TABLE clients\n",
  };
  return form;
}

}  // namespace segue::migration
