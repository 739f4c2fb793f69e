"""`make bench`: the site beside its peers, under the same load, on the same machine, in turns."""
