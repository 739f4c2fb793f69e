"""Static files: names that carry a hash of the content, imports between modules included."""

from servestatic.storage import CompressedManifestStaticFilesStorage


class ModuleStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it ships no types
    """Hash every file's name and rewrite `import` in ES modules to match: no import map, so no inline script."""

    support_js_module_import_aggregation = True
