// Holds nothing: the libraries that carry the precompiled headers need a source.
