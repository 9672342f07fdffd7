"""Files of visits from booking systems: from bytes to rows, each with what is wrong in which cell. Pure.

``encoding`` finds how the bytes are to be read, ``records`` cuts the text, ``columns`` finds out which column is what,
``times`` reads moments, ``rows`` makes a visit and its person of a row, ``survey`` keeps of a whole file what its rows
have to do with each other, and ``changes`` says what a row means for a visit that is known.
"""
