"""Static files: names that carry a hash of the content, imports between modules included."""

from collections.abc import Iterable, Iterator

from servestatic.storage import CompressedManifestStaticFilesStorage

_OURS = ("css/", "js/", "avatars/", "icons.", "logo.", "favicon.")


class ModuleStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it ships no types
    """Hash every file's name and rewrite `import` in ES modules to match: no import map, so no inline script."""

    support_js_module_import_aggregation = True

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress what the chat's own pages load; the rest is megabytes that hardly anyone opens."""
        return super().compress_files([path for path in paths if path.startswith(_OURS)])  # type: ignore[no-any-return]
