/** A module that cannot be imported. */
throw new SyntaxError('broken module');
