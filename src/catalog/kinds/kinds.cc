#include "catalog/kinds/kind.h"

namespace segue::catalog {

// Each is defined in the file that bears the name of its family.
Kind access_methods();
Kind casts();
Kind collations();
Kind columns();
Kind constraints(int version);
Kind conversions();
Kind default_privileges();
Kind event_triggers();
Kind extension_dependencies();
Kind extensions();
Kind foreign_data_wrappers();
Kind foreign_servers();
Kind functions();
Kind grants();
Kind grants_without_schema();
Kind indexes();
Kind languages();
Kind operator_classes();
Kind operator_families();
Kind operators();
Kind policies();
Kind publication_schemas(int version);
Kind publication_tables(int version);
Kind publications(int version);
Kind rules();
Kind schemas();
Kind security_labels();
Kind sequences();
Kind statistics();
Kind subscriptions();
Kind tables();
Kind text_search_configurations();
Kind text_search_dictionaries();
Kind text_search_parts();
Kind transforms();
Kind triggers();
Kind types();
Kind user_mappings();
Kind views();

std::vector<Kind> all_kinds(int version) {
  return {
      schemas(),
      tables(),
      columns(),
      constraints(version),
      indexes(),
      views(),
      rules(),
      triggers(),
      event_triggers(),
      functions(),
      types(),
      sequences(),
      policies(),
      statistics(),
      grants(),
      grants_without_schema(),
      default_privileges(),
      extensions(),
      extension_dependencies(),
      publications(version),
      publication_tables(version),
      publication_schemas(version),
      subscriptions(),
      collations(),
      conversions(),
      operators(),
      operator_classes(),
      operator_families(),
      casts(),
      foreign_data_wrappers(),
      foreign_servers(),
      user_mappings(),
      text_search_configurations(),
      text_search_dictionaries(),
      text_search_parts(),
      languages(),
      access_methods(),
      transforms(),
      security_labels(),
  };
}

}  // namespace segue::catalog
